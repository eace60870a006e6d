"""What every trigger has; the parameters of its own type stand under `params`.

Each trigger says by its type which events it looks at, so that an event meets only those.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar, Final, Literal

import msgspec

from engine import durations
from engine.baseevent import BaseEvent
from engine.conditions import checks
from engine.conditions.nodes import Node
from engine.errors import Flaw
from engine.rules.nodes import Rule

CONCURRENT_MAX: Final = 10
"""Runs of one customer through one campaign at once, of different correlation keys."""

LISTED_MAX: Final = 100
"""Stores, products or categories that a parameter lists; for more there are filters."""

DAYS_MAX: Final = 365


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


def flaws(trigger: BaseTrigger, params: Params, *, path: str) -> Iterator[Flaw]:
    """Everything wrong with a trigger that its types alone do not say."""
    named = [("max_lateness", trigger.max_lateness)]
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


def count_flaws(name: str, count: int, *, most: int) -> Iterator[Flaw]:
    """What is wrong with a number of things."""
    if not 1 <= count <= most:
        yield Flaw(path=name, message=f"from 1 to {most}")


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
