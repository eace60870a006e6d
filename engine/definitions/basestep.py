"""What every step of a campaign has, and the event that one may wait for."""

from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from engine.conditions import checks
from engine.conditions.nodes import Node
from engine.errors import Flaw

StepId: TypeAlias = str


class EventMet(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """An event that is waited for."""

    event: str
    """Its name as metrics know it, in any case: `Order Completed`, `Receipt Issued`."""
    where: Node | None = None
    """On the event's own fields."""
    match_key: bool = False
    """Only an event with the run's own correlation key: this order, this cart. A run without a
    key, or an event without one, matches nothing."""
    key: str | None = None
    """With `match_key`: path of the key in this event, where it stands elsewhere than in the
    triggering one."""


class BaseStep(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
):
    """One step."""

    next: StepId | None = None

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """Path and target of every way out."""
        if self.next is not None:
            yield "next", self.next

    def lengths(self) -> Iterator[tuple[str, str]]:
        """Path and text of each duration."""
        yield from ()


def met_flaws(met: EventMet, *, path: str) -> Iterator[Flaw]:
    """What is wrong with an event that is waited for."""
    if not met.event.strip():
        yield Flaw(path=f"{path}.event", message="the name of an event, like Order Completed")
    if met.where is not None:
        yield from checks.flaws(met.where, path=f"{path}.where")
    if met.key is None:
        return
    if not met.match_key:
        yield Flaw(path=f"{path}.key", message="only with match_key: true")
    elif not all(met.key.split(".")):
        yield Flaw(path=f"{path}.key", message=f"{met.key!r} is no path: write it like a.b")
