"""Triggers on receipts and orders."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, TypeAlias

from engine.commands import Activated
from engine.definitions.triggers import base
from engine.definitions.triggers.base import DAYS_MAX, BaseTrigger, ClockParams, Params
from engine.errors import Flaw
from engine.events import OrderCancelled, OrderCompleted, OrderRefunded, OrderUpdated
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued

NTH_MAX = 1_000
"""As many as the ledger knows one by one."""

Deal: TypeAlias = Literal["receipt", "order"]

_ORDERS = (OrderCompleted, OrderPlaced)
_ALL = (
    ReceiptIssued,
    OrderCompleted,
    OrderPlaced,
    OrderUpdated,
    OrderRefunded,
    OrderCancelled,
    OrderStatusChanged,
)


class LinesParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Of which one line at least is; what is empty is any."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Ids, those below them too."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("products", self.products)
        yield from base.list_flaws("categories", self.categories)


class ReceiptParams(LinesParams, frozen=True, kw_only=True, omit_defaults=True):
    """Which receipts."""

    stores: tuple[str, ...] = ()
    """Ids; empty is any."""
    sources: tuple[str, ...] = ()
    """As the receipt names its source, or the write key; empty is any."""
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    nth_purchase: int | None = None
    """Only the one that makes so many, net of returns."""
    first_only: bool = False

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        yield from base.list_flaws("stores", self.stores)
        yield from base.list_flaws("sources", self.sources)
        yield from base.range_flaws(self.min_amount, self.max_amount, names="amount")
        if self.nth_purchase is not None:
            yield from base.count_flaws("nth_purchase", self.nth_purchase, most=NTH_MAX)


class ReceiptCame(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T13"):
    """A receipt was issued; a correction or repetition of it is none."""

    WATCHES = (ReceiptIssued,)

    params: ReceiptParams = ReceiptParams()
    max_lateness: str = "3d"
    """Tills report late: how far back receipts are looked for."""


class OrderParams(LinesParams, frozen=True, kw_only=True, omit_defaults=True):
    """Which orders."""

    statuses: tuple[str, ...] = ()
    """As the source writes them, in any case; empty is any."""
    payment_statuses: tuple[str, ...] = ()
    delivery_statuses: tuple[str, ...] = ()
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        for name in ("statuses", "payment_statuses", "delivery_statuses"):
            yield from base.list_flaws(name, getattr(self, name))
        yield from base.range_flaws(self.min_amount, self.max_amount, names="amount")


class OrderCreated(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T14"):
    """An order, seen by the tracker or booked by the back office, whichever comes first."""

    WATCHES = _ORDERS

    params: OrderParams = OrderParams()


class ReversalParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the order."""

    what: Literal["cancelled", "refunded"] = "cancelled"
    partial: Literal["any", "full", "partial"] = "any"
    """Of a refund: all of the order, or some of it."""
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    """Given back, or cancelled."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.range_flaws(self.min_amount, self.max_amount, names="amount")


class OrderReversed(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T16"):
    """An order was cancelled, or money of it given back."""

    WATCHES = (OrderCancelled, OrderRefunded, OrderStatusChanged, OrderPlaced)

    params: ReversalParams = ReversalParams()


class ItemParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which products."""

    of: Deal = "receipt"
    products: tuple[str, ...]
    min_quantity: int = 1

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("products", self.products)
        yield from base.count_flaws("products", len(self.products), most=base.LISTED_MAX)
        yield from base.count_flaws("min_quantity", self.min_quantity, most=10_000)


class ItemPurchased(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T18"):
    """One of the products was bought."""

    WATCHES = (ReceiptIssued, *_ORDERS)

    params: ItemParams


class CategoryParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which categories."""

    of: Deal = "receipt"
    categories: tuple[str, ...]
    include_children: bool = True
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    """Of one piece."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("categories", self.categories)
        yield from base.count_flaws("categories", len(self.categories), most=base.LISTED_MAX)
        yield from base.range_flaws(self.min_price, self.max_price, names="price")


class CategoryPurchased(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T19"):
    """Something of one of the categories was bought."""

    WATCHES = (ReceiptIssued, *_ORDERS)

    params: CategoryParams


class SinceLastParams(ClockParams, frozen=True, kw_only=True, omit_defaults=True):
    """How long nothing was bought, or nothing of those lines."""

    of: Deal = "receipt"
    days: int
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """Ids, those below them too."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        yield from base.list_flaws("products", self.products)
        yield from base.list_flaws("categories", self.categories)
        yield from base.count_flaws("days", self.days, most=DAYS_MAX)


class SinceLastPurchase(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T21"):
    """So many days have passed since the last purchase."""

    WATCHES = (*_ALL, Activated)

    params: SinceLastParams


class SinceNthParams(ClockParams, frozen=True, kw_only=True, omit_defaults=True):
    """How long ago which purchase was."""

    of: Deal = "receipt"
    n: int = 1
    days: int

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        yield from base.count_flaws("n", self.n, most=NTH_MAX)
        yield from base.count_flaws("days", self.days, most=DAYS_MAX)


class SinceNthPurchase(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T22"):
    """So many days have passed since the purchase that made `n`."""

    WATCHES = (ReceiptIssued, *_ORDERS, Activated)

    params: SinceNthParams
