"""The steps of a campaign as its author writes them: tagged by `type`, joined by the steps' ids.

`next: null` ends the run. A step that chooses names where each choice leads.
"""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from engine import durations
from engine.conditions import checks
from engine.conditions.nodes import Node
from engine.errors import Flaw

StepId: TypeAlias = str

BRANCHES_MAX: Final = 9
"""Ways out of one step, as Segment allows: more is unreadable on a canvas."""

TURNS_MAX: Final = 100
"""Rounds of one loop."""

TTL_MAX_MS: Final = 7 * 24 * 60 * 60 * 1000
"""Delivery reads its ledger back so far."""


class EventMet(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """An event that is waited for."""

    event: str
    """Its name as metrics know it, in any case: `Order Completed`, `Receipt Issued`."""
    where: Node | None = None
    """On the event's own fields."""
    match_key: bool = False
    """Only an event with the run's own correlation key: this order, this cart."""


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


class SendStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="send"):
    """One message on one channel. Refused, the run goes on unless it is to end."""

    channel: Literal["email"]
    template: str
    category: str | None = None
    """None: the campaign's."""
    ttl: str = "24h"
    """How long it may wait, for quiet hours or a provider, before it is too late; at most 7d."""
    on_refused: Literal["go_on", "exit"] = "go_on"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseStep`."""
        yield "ttl", self.ttl


class DelayStep(
    BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="delay", rename={"length": "for"}
):
    """Wait a fixed time."""

    length: str

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseStep`."""
        yield "for", self.length


class WaitBranch(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One of the things waited for; the first to happen decides, of one event the first listed."""

    id: str
    on: EventMet
    next: StepId | None = None


class WaitStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="wait_until"):
    """Wait for the first of several events; after `timeout` go on to `next`."""

    branches: tuple[WaitBranch, ...]
    timeout: str

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        for place, branch in enumerate(self.branches):
            if branch.next is not None:
                yield f"branches[{place}].next", branch.next

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseStep`."""
        yield "timeout", self.timeout


class LoopStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="loop"):
    """Go back to a step, at most `max_turns` times; then on to `next`."""

    to: StepId
    max_turns: int

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        yield "to", self.to


class ExitStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="exit"):
    """End the run here."""


Step: TypeAlias = SendStep | DelayStep | WaitStep | LoopStep | ExitStep


def flaws(step: Step, *, path: str) -> list[Flaw]:
    """Everything wrong with one step that the types alone do not say."""
    found = []
    for name, text in step.lengths():
        try:
            length_ms = durations.parse_ms(text)
        except ValueError as error:
            found.append(Flaw(path=f"{path}.{name}", message=str(error)))
        else:
            if isinstance(step, SendStep) and length_ms > TTL_MAX_MS:
                found.append(Flaw(path=f"{path}.{name}", message="at most 7d"))
    match step:
        case WaitStep():
            found += _wait_flaws(step, path=path)
        case LoopStep(max_turns=turns) if not 1 <= turns <= TURNS_MAX:
            found.append(Flaw(path=f"{path}.max_turns", message=f"from 1 to {TURNS_MAX}"))
        case ExitStep(next=after) if after is not None:
            found.append(Flaw(path=f"{path}.next", message="nothing follows an exit"))
    return found


def _wait_flaws(step: WaitStep, *, path: str) -> Iterator[Flaw]:
    if not 1 <= len(step.branches) <= BRANCHES_MAX:
        yield Flaw(path=f"{path}.branches", message=f"from 1 to {BRANCHES_MAX}")
    if len({branch.id for branch in step.branches}) != len(step.branches):
        yield Flaw(path=f"{path}.branches", message="two branches have the same id")
    for place, branch in enumerate(step.branches):
        yield from met_flaws(branch.on, path=f"{path}.branches[{place}].on")


def met_flaws(met: EventMet, *, path: str) -> Iterator[Flaw]:
    """What is wrong with an event that is waited for."""
    if not met.event.strip():
        yield Flaw(path=f"{path}.event", message="the name of an event, like Order Completed")
    if met.where is not None:
        yield from checks.flaws(met.where, path=f"{path}.where")
