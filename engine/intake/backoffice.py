"""What a back office sends, by kind: the same checks for HTTP, for files and for the door.

A kind is the last part of its path, `/v1/receipts`, and a file's; a record of the door names it in
`type`, in the singular. To take a new one, add its function here.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from engine.errors import RejectedError
from engine.intake import catalogue, customers, loyalty, orders, receipts, values
from engine.intake.arrivals import Arrival, Listing, Origin


class Take(Protocol):
    """Checks one object and says whose log it belongs to."""

    def __call__(self, item: dict[str, object], /, *, origin: Origin) -> Arrival | Listing:
        """Take it.

        Raises:
            RejectedError: its path leads from the object.
        """


KINDS: Final[Mapping[str, Take]] = {
    "customers": customers.customer,
    "contacts": customers.contact,
    "receipts": receipts.arrive,
    "products": catalogue.product,
    "categories": catalogue.category,
    "bonus-balances": loyalty.balance,
    "promo-codes": loyalty.promo_code,
    "tags": loyalty.tags,
    "orders": orders.arrive,
    "order-status": orders.change_status,
}


def arrive(item: dict[str, object], /, *, origin: Origin) -> Arrival | Listing:
    """Take one object that says itself what it is: `{"type": "receipt", ...}`.

    Raises:
        RejectedError: `unknown_type`, and all that its kind refuses.
    """
    named = item.get("type")
    kind = _BY_TYPE.get(named) if isinstance(named, str) else None
    if kind is None:
        raise RejectedError(
            "unknown_type", f"{values.shown(named)} is none of {', '.join(_BY_TYPE)}", path="type"
        )
    return KINDS[kind](
        {name: value for name, value in item.items() if name != "type"}, origin=origin
    )


def singular(kind: str) -> str:
    """What one object of a kind is called: `category`, `order-status`, `bonus-balance`."""
    if kind.endswith("ies"):
        return f"{kind.removesuffix('ies')}y"
    return kind if kind.endswith("status") else kind.removesuffix("s")


_BY_TYPE: Final = {singular(kind): kind for kind in KINDS}
