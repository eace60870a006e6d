"""What lets customers into a campaign, as its author writes it; clients rely on the defaults.

Each trigger says by its type which events it looks at, so that an event meets only those.
"""

from collections.abc import Iterator
from typing import ClassVar, Final, Literal, TypeAlias, get_args

import msgspec

from engine import durations
from engine.baseevent import BaseEvent
from engine.conditions import checks
from engine.conditions.nodes import Node
from engine.errors import Flaw
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    OrderCompleted,
    TrackerEvent,
)
from engine.transactions import OrderPlaced, ReceiptIssued

CONCURRENT_MAX: Final = 10
"""Runs of one customer through one campaign at once, of different correlation keys."""


class ReEntry(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Whether somebody who was in the campaign may enter again: asked of runs, not of segments."""

    policy: Literal["always", "never", "after", "after_exit", "once_per"] = "always"
    after: str | None = None
    """With `after`: how long since the last entry."""
    key: str | None = None
    """With `once_per`: path in the triggering event; one entry for each value."""


class BaseTrigger(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
):
    """The parameters that every trigger has."""

    WATCHES: ClassVar[tuple[type[BaseEvent], ...]] = ()
    """The events that can change anything for it."""

    id: str
    enabled: bool = True
    audience: None = None
    exclude: None = None
    property_filter: Node | None = None
    """On the triggering event: one that does not pass fires nothing and arms nothing."""
    re_entry: ReEntry = ReEntry()
    correlation_key: str | None = None
    """Path in the triggering event: what a run is about, `properties.order_id`. One run at a time
    for each value; None is one run at a time."""
    max_concurrent: int = CONCURRENT_MAX
    max_lateness: str = "24h"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """Path and text of each duration among the parameters."""
        yield "max_lateness", self.max_lateness
        if self.re_entry.after is not None:
            yield "re_entry.after", self.re_entry.after


class AbandonmentParams(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """T01: a container idle for `idle`, not completed by a purchase."""

    container: str = "cart"
    idle: str = "30m"
    completed_by: Literal["web_order", "order", "receipt", "any"] = "any"
    match: Literal["same_cart", "any_purchase"] = "any_purchase"
    reset_on: Literal["any_change", "add"] = "add"


class CartAbandoned(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T01"):
    """A filled container that nobody touched for a while."""

    WATCHES = (
        CartItemAdded,
        CartItemRemoved,
        CartReplaced,
        OrderCompleted,
        OrderPlaced,
        ReceiptIssued,
    )

    params: AbandonmentParams = AbandonmentParams()

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseTrigger`."""
        yield "params.idle", self.params.idle
        yield from super().lengths()


class CustomEventParams(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """T31: an event of this name, as the source calls it, in any case."""

    event: str


class CustomEvent(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T31"):
    """An event of the shop's own, or any other of a tracker."""

    WATCHES = get_args(TrackerEvent)

    params: CustomEventParams


Trigger: TypeAlias = CartAbandoned | CustomEvent


def flaws(trigger: Trigger, *, path: str) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    found = []
    for name, text in trigger.lengths():
        try:
            durations.parse_ms(text)
        except ValueError as error:
            found.append(Flaw(path=f"{path}.{name}", message=str(error)))
    if isinstance(trigger, CustomEvent) and not trigger.params.event.strip():
        message = "the name of an event, like Lookbook Opened"
        found.append(Flaw(path=f"{path}.params.event", message=message))
    if trigger.property_filter is not None:
        found += checks.flaws(trigger.property_filter, path=f"{path}.property_filter")
    if not 1 <= trigger.max_concurrent <= CONCURRENT_MAX:
        message = f"from 1 to {CONCURRENT_MAX}"
        found.append(Flaw(path=f"{path}.max_concurrent", message=message))
    return [*found, *_re_entry_flaws(trigger.re_entry, path=f"{path}.re_entry")]


def _re_entry_flaws(re_entry: ReEntry, *, path: str) -> Iterator[Flaw]:
    if (re_entry.policy == "after") != (re_entry.after is not None):
        message = 'a duration with the policy "after", and only with it'
        yield Flaw(path=f"{path}.after", message=message)
    if (re_entry.policy == "once_per") != bool(re_entry.key):
        message = 'a path in the event with the policy "once_per", and only with it'
        yield Flaw(path=f"{path}.key", message=message)
