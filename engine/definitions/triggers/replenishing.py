"""The trigger on what will soon be used up."""

from collections.abc import Iterator
from typing import Literal

from engine.definitions.triggers import base
from engine.definitions.triggers.base import DAYS_MAX, BaseTrigger, ClockParams
from engine.definitions.triggers.purchases import Deal
from engine.errors import Flaw
from engine.events import OrderCompleted
from engine.transactions import OrderPlaced, ReceiptIssued


class ReplenishmentParams(ClockParams, frozen=True, kw_only=True, omit_defaults=True):
    """Of what, and how long it lasts."""

    of: Deal = "receipt"
    products: tuple[str, ...] = ()
    """Each on its own."""
    categories: tuple[str, ...] = ()
    """Ids, those below them too; together."""
    interval: Literal["fixed", "customer_median"] = "fixed"
    days: int
    """How long it lasts; with `customer_median` for those who bought it only once."""
    lead_days: int = 0
    """So much before it is used up."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        yield from base.list_flaws("products", self.products)
        yield from base.list_flaws("categories", self.categories)
        yield from base.count_flaws("days", self.days, most=DAYS_MAX)
        if bool(self.products) == bool(self.categories):
            yield Flaw(path="products", message="products or categories, one of the two")
        if not 0 <= self.lead_days < self.days:
            yield Flaw(path="lead_days", message="from 0, and less than days")


class ReplenishmentDue(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T20"):
    """What was bought will soon be used up; every purchase of it counts anew."""

    WATCHES = (ReceiptIssued, OrderCompleted, OrderPlaced)

    params: ReplenishmentParams
    max_lateness: str = "3d"
    """As of receipts."""
