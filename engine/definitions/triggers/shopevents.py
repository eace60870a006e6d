"""Triggers on what a shop calls its own: any event by name, contacts with its people, polls."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, get_args

import msgspec

from engine.definitions.triggers import base
from engine.definitions.triggers.base import BaseTrigger, Params
from engine.errors import Flaw
from engine.events import Tracked, TrackerEvent


class Sequence(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"between": "with"},
):
    """What must follow the event, by the source's time, within `window`."""

    then: str
    between: str | None = None
    """Only if this came between the two."""
    without: str | None = None
    """Only if this did not."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("sequence.then", self.then)
        for name, value in (("with", self.between), ("without", self.without)):
            if value is not None:
                yield from base.named_flaws(f"sequence.{name}", value)


class CustomEventParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """An event of this name, as the source calls it, in any case."""

    event: str
    count: int = 1
    """So many of them within `window`; then it is counted anew."""
    window: str = "24h"
    sequence: Sequence | None = None

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "window", self.window

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("event", self.event)
        yield from base.times_flaws("count", self.count)
        if self.sequence is not None:
            yield from self.sequence.flaws()
            if self.count > 1:
                yield Flaw(path="count", message="a sequence is of one event each: leave it out")


class CustomEvent(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T31"):
    """An event of the shop's own, or any other of a tracker."""

    WATCHES = get_args(TrackerEvent)

    params: CustomEventParams


class ContactedParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which contacts; what is empty is any. Texts in any case."""

    event: str = "Customer Contacted"
    topics: tuple[str, ...] = ()
    """`properties.topic`."""
    results: tuple[str, ...] = ()
    """`properties.result`."""
    operators: tuple[str, ...] = ()
    """`properties.operator`, or its `operator_id`."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("event", self.event)
        for name in ("topics", "results", "operators"):
            yield from base.list_flaws(name, getattr(self, name))


class Contacted(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T32"):
    """Somebody of the shop spoke with the customer: the call centre, a store."""

    WATCHES = (Tracked,)

    params: ContactedParams = ContactedParams()


class PollParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which poll, and what of it; None is any."""

    what: Literal["completed", "answered"] = "completed"
    poll: str | None = None
    """`survey_id` or `poll_id`."""
    question: str | None = None
    options: tuple[str, ...] = ()
    """Answers; empty is any."""
    min_score: Decimal | None = None
    max_score: Decimal | None = None
    band: Literal["detractor", "passive", "promoter"] | None = None
    """By NPS: 0 to 6, 7 and 8, 9 and 10."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("options", self.options)
        yield from base.range_flaws(self.min_score, self.max_score, names="score")


class PollAnswered(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T45"):
    """A poll was completed, or a question of one answered."""

    WATCHES = (Tracked,)

    params: PollParams = PollParams()
