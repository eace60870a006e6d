"""The trigger on a checkout that was begun and not brought to an end."""

from collections.abc import Iterator
from typing import Literal

from engine.definitions.triggers import base
from engine.definitions.triggers.base import BaseTrigger, Params
from engine.errors import Flaw
from engine.events import OrderCompleted, Tracked
from engine.transactions import OrderPlaced, ReceiptIssued


class CheckoutParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """How far a checkout got, and what ends it."""

    idle: str = "1h"
    from_step: int = 1
    """Only those that got at least so far."""
    completed_by: Literal["web_order", "order", "receipt", "any"] = "any"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "idle", self.idle

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.count_flaws("from_step", self.from_step, most=100)


class CheckoutAbandoned(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T02"):
    """A checkout that nobody touched for a while; of the same cart T01 says nothing then."""

    WATCHES = (Tracked, OrderCompleted, OrderPlaced, ReceiptIssued)

    params: CheckoutParams = CheckoutParams()
