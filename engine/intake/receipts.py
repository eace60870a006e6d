"""Receipts of the back office: the second door of intake."""

from engine import events, ids
from engine.errors import RejectedError
from engine.events import ReceiptIssued
from engine.intake import decoding, identities, products, structure, times, values
from engine.intake.arrivals import Arrival, Origin
from engine.intake.values import Object


def arrive(receipt: dict[str, object], *, origin: Origin) -> Arrival:
    """Check and normalise one receipt; a repetition has the same id, a correction another.

    Raises:
        RejectedError: its path leads from the receipt.
    """
    structure.check(receipt)
    key = _key(receipt)
    receipt_id = _required(receipt, "id")
    updated_at = times.instant(receipt.get("updatedAt"), path="updatedAt")
    occurred_at = times.instant(receipt.get("occurredAt"), path="occurredAt")
    total = values.amount(receipt.get("total"), path="total", is_signed=True)
    if total is None:
        raise RejectedError("missing_total", "a receipt needs a total", path="total")
    event = ReceiptIssued(
        id=ids.derived("receipt", receipt_id, updated_at),
        occurred_at=times.clamped(occurred_at, received_at=origin.received_at),
        source=origin.source,
        receipt_id=receipt_id,
        updated_at=updated_at,
        total=total,
        currency=values.currency(receipt.get("currency"), path="currency"),
        return_of=values.identifier(receipt.get("returnOf"), path="returnOf"),
        lines=tuple(
            products.line(line, path=place)
            for place, line in products.entries(receipt.get("lines"), path="lines")
        ),
        properties=decoding.canonical(receipt),
    )
    return Arrival(key=key, kind=events.KINDS[ReceiptIssued], event=event)


def _key(receipt: Object) -> str:
    customer_id = identities.known(receipt.get("customerId"), "customerId")
    if customer_id is not None:
        return identities.user_key(customer_id, path="customerId")
    for name in ("email", "phone", "card"):
        if receipt.get(name) is not None:
            raise RejectedError(
                "unsupported_identifier", f"a receipt by {name} needs a customerId too", path=name
            )
    raise RejectedError("missing_identifier", "a receipt needs a customerId", path="customerId")


def _required(receipt: Object, name: str) -> str:
    value = values.identifier(receipt.get(name), path=name)
    if value is None:
        raise RejectedError("missing_id", "a receipt needs an id", path=name)
    return value
