"""Triggers on how an order goes on."""

from collections.abc import Iterator
from typing import Literal

from engine.definitions.triggers import base
from engine.definitions.triggers.base import BaseTrigger, Params
from engine.errors import Flaw
from engine.events import OrderCancelled
from engine.transactions import OrderPlaced, OrderStatusChanged

_STATUSES = (OrderPlaced, OrderStatusChanged, OrderCancelled)


class StatusParams(
    Params, frozen=True, kw_only=True, omit_defaults=True, rename={"before": "from", "after": "to"}
):
    """Which status, and from what to what, in any case; None is any."""

    field: Literal["general", "delivery", "payment"] = "general"
    before: str | None = None
    after: str | None = None
    dwell: str | None = None
    """Only if it stays so for that long."""

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        if self.dwell is not None:
            yield "dwell", self.dwell

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        for name, value in (("from", self.before), ("to", self.after)):
            if value is not None:
                yield from base.named_flaws(name, value)


class StatusChanged(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T15"):
    """A status of an order became another, by the source's own time."""

    WATCHES = _STATUSES

    params: StatusParams = StatusParams()


class PaymentParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which payment is waited for, and how long."""

    after: str = "24h"
    payment_status: str = "pending"
    """As the source writes it, in any case."""

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "after", self.after

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("payment_status", self.payment_status)


class PaymentPending(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T17"):
    """An order has waited so long for its payment, and still does."""

    WATCHES = _STATUSES

    params: PaymentParams = PaymentParams()
