"""What every trigger has; the parameters of its own type stand under `params`.

Each trigger says by its type which events it looks at, so that an event meets only those.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Final, Literal

import msgspec

from engine import durations
from engine.baseevent import BaseEvent
from engine.commands import Activated
from engine.conditions import checks
from engine.conditions.nodes import Node
from engine.errors import Flaw
from engine.notes import TIMES_MAX
from engine.rules.nodes import Rule
from engine.schedules import local
from engine.schedules.local import ZoneChoice

CONCURRENT_MAX: Final = 10
"""Runs of one customer through one campaign at once, of different correlation keys."""

LISTED_MAX: Final = 100
"""Stores, products or categories that a parameter lists; for more there are filters."""

DAYS_MAX: Final = 365

ENTRIES_MAX: Final = 10**9
"""That a volume guard lets in; more customers nobody has."""


class ReEntry(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Whether somebody who was in the campaign may enter again: asked of runs, not of segments."""

    policy: Literal["always", "never", "after", "after_exit", "once_per"] = "always"
    after: str | None = None
    """With `after`: how long since the last entry."""
    key: str | None = None
    """With `once_per`: path in the triggering event; one entry for each value."""


class Params(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The parameters of one type."""

    def lengths(self) -> Iterator[tuple[str, str]]:
        """Name and text of each duration."""
        yield from ()

    def flaws(self) -> Iterator[Flaw]:
        """What is wrong with the others that their types do not say; paths begin at a parameter."""
        yield from ()


class ClockParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """So many days on, at a time of day."""

    at_time: str | None = None
    """`10:00`, by the clock of `tz`; None: to the minute when the days are over."""
    tz: ZoneChoice = "recipient"

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from time_flaws("at_time", self.at_time)


class VolumeGuard(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """More entries than that within the time, over all customers: the campaign pauses itself."""

    entries: int
    per: str = "1m"


class Backfill(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What becomes of those for whom the day was over when the campaign began."""

    policy: Literal["none", "since", "current_members"] = "none"
    """`none`: their day is over. `current_members`: it is now."""
    since: str | None = None
    """With `since`: it is now for those whose day was at that instant or later."""


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
    IS_OF_AUDIENCE: ClassVar[bool] = False
    """It is nothing to those outside its audience: for them it does not fire at all."""
    GOES_BY_DATE: ClassVar[bool] = False
    """What is told says when it is due, so that late news arms it, too."""

    id: str
    enabled: bool = True
    audience: Rule | None = None
    """Who may come in, asked when it fires; None is everybody."""
    exclude: Rule | None = None
    """Who may not."""
    property_filter: Node | None = None
    """On the triggering event: one that does not pass fires nothing and arms nothing."""
    re_entry: ReEntry = ReEntry()
    correlation_key: str | None = None
    """Path in the triggering event: what a run is about, `properties.order_id`. One run at a time
    for each value; None is one run at a time."""
    max_concurrent: int = CONCURRENT_MAX
    max_lateness: str = "24h"
    """An event older than this updates the customer and fires nothing."""
    debounce: str | None = None
    """Enter only when it has not fired again for so long, by the last firing."""
    throttle: str | None = None
    """For so long after a firing that was let in, none is."""
    valid_from: str | None = None
    """An instant, RFC 3339: what happens or is due before it fires nothing."""
    valid_until: str | None = None
    """From this instant on nothing fires."""
    backfill: Backfill = Backfill()
    volume_guard: VolumeGuard | None = None
    """Who would come in beyond it does not, and the campaign waits for a person to confirm."""


def flaws(trigger: BaseTrigger, params: Params, *, path: str) -> Iterator[Flaw]:
    """Everything wrong with a trigger that its types alone do not say."""
    named = [("max_lateness", trigger.max_lateness)]
    named += [
        (name, text)
        for name, text in (("debounce", trigger.debounce), ("throttle", trigger.throttle))
        if text is not None
    ]
    guard = trigger.volume_guard
    if guard is not None:
        named.append(("volume_guard.per", guard.per))
        if not 1 <= guard.entries <= ENTRIES_MAX:
            yield Flaw(path=f"{path}.volume_guard.entries", message=f"from 1 to {ENTRIES_MAX}")
    if trigger.re_entry.after is not None:
        named.append(("re_entry.after", trigger.re_entry.after))
    named += [(f"params.{name}", text) for name, text in params.lengths()]
    for name, text in named:
        try:
            durations.parse_ms(text)
        except ValueError as error:
            yield Flaw(path=f"{path}.{name}", message=str(error))
    for flaw in params.flaws():
        yield Flaw(path=f"{path}.params.{flaw.path}", message=flaw.message)
    if trigger.property_filter is not None:
        yield from checks.flaws(trigger.property_filter, path=f"{path}.property_filter")
    if not 1 <= trigger.max_concurrent <= CONCURRENT_MAX:
        yield Flaw(path=f"{path}.max_concurrent", message=f"from 1 to {CONCURRENT_MAX}")
    yield from _re_entry_flaws(trigger.re_entry, path=f"{path}.re_entry")
    yield from _validity_flaws(trigger, path=path)
    yield from _backfill_flaws(trigger, path=f"{path}.backfill")


def is_activated(trigger: BaseTrigger) -> bool:
    """Whether it has something to look at in customers who were there before it."""
    return Activated in trigger.WATCHES


def instant(text: str) -> int:
    """Read an instant with its offset, as epoch ms.

    Raises:
        ValueError: not of the form, or without an offset.
    """
    shown = datetime.fromisoformat(text)
    if shown.tzinfo is None:
        raise ValueError(text)
    return round(shown.timestamp() * 1000)


def _instant_flaws(text: str | None, *, path: str) -> Iterator[Flaw]:
    try:
        if text is not None:
            instant(text)
    except (ValueError, OverflowError):
        message = f'{text!r}: write it with its offset, like "2026-03-02T09:00:00+03:00"'
        yield Flaw(path=path, message=message)


def _validity_flaws(trigger: BaseTrigger, *, path: str) -> Iterator[Flaw]:
    first, last = trigger.valid_from, trigger.valid_until
    found = [
        *_instant_flaws(first, path=f"{path}.valid_from"),
        *_instant_flaws(last, path=f"{path}.valid_until"),
    ]
    yield from found
    if not found and first is not None and last is not None and instant(first) >= instant(last):
        yield Flaw(path=f"{path}.valid_until", message="not after valid_from: it never fires")


def _backfill_flaws(trigger: BaseTrigger, *, path: str) -> Iterator[Flaw]:
    backfill = trigger.backfill
    if (backfill.policy == "since") != (backfill.since is not None):
        message = 'an instant with the policy "since", and only with it'
        yield Flaw(path=f"{path}.since", message=message)
    yield from _instant_flaws(backfill.since, path=f"{path}.since")
    if backfill.policy != "none" and not is_activated(trigger):
        message = "this type fires by events alone: nobody can be entered for what was before"
        yield Flaw(path=f"{path}.policy", message=message)


def named_flaws(name: str, value: str) -> Iterator[Flaw]:
    """What is wrong with a name that must be there."""
    if not value.strip():
        yield Flaw(path=name, message="a name that is not empty")


def list_flaws(name: str, values: tuple[str, ...]) -> Iterator[Flaw]:
    """What is wrong with a list of ids; an empty one is for all."""
    if len(values) > LISTED_MAX:
        yield Flaw(path=name, message=f"at most {LISTED_MAX}; for more take a property_filter")
    if not all(values):
        yield Flaw(path=name, message="an id is empty")


def time_flaws(name: str, text: str | None) -> Iterator[Flaw]:
    """What is wrong with a time of day; None is none."""
    try:
        if text is not None:
            local.parse_time(text)
    except ValueError as error:
        yield Flaw(path=name, message=str(error))


def count_flaws(name: str, count: int, *, most: int) -> Iterator[Flaw]:
    """What is wrong with a number of things."""
    if not 1 <= count <= most:
        yield Flaw(path=name, message=f"from 1 to {most}")


def times_flaws(name: str, count: int) -> Iterator[Flaw]:
    """What is wrong with how often something must happen: each time is remembered."""
    if not 1 <= count <= TIMES_MAX:
        yield Flaw(path=name, message=f"from 1 to {TIMES_MAX}; for more ask a rule: did")


def range_flaws(low: Decimal | None, high: Decimal | None, *, names: str) -> Iterator[Flaw]:
    """What is wrong with two bounds, `min_` and `max_` of something, both included."""
    for name, bound in ((f"min_{names}", low), (f"max_{names}", high)):
        if bound is not None and not bound.is_finite():
            yield Flaw(path=name, message="a number")
            return
    if low is not None and high is not None and low > high:
        yield Flaw(path=f"max_{names}", message=f"less than min_{names}: nothing lies between")


def _re_entry_flaws(re_entry: ReEntry, *, path: str) -> Iterator[Flaw]:
    if (re_entry.policy == "after") != (re_entry.after is not None):
        message = 'a duration with the policy "after", and only with it'
        yield Flaw(path=f"{path}.after", message=message)
    if (re_entry.policy == "once_per") != bool(re_entry.key):
        message = 'a path in the event with the policy "once_per", and only with it'
        yield Flaw(path=f"{path}.key", message=message)
