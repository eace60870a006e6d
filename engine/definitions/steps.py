"""The steps of a campaign as its author writes them: tagged by `type`, joined by the steps' ids.

`next: null` ends the run. A step that chooses names where each choice leads.
"""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from engine import chance, durations
from engine.declarations import Subscriptions
from engine.definitions import actions, arms, gifts, waits
from engine.definitions.actions import StartStep
from engine.definitions.arms import AbTestStep, SplitStep
from engine.definitions.basestep import BaseStep, StepId
from engine.definitions.gifts import PointsStep, PromoStep
from engine.definitions.waits import WaitStep
from engine.errors import Flaw
from engine.rules.nodes import Rule
from engine.schedules import delays
from engine.schedules.delays import Delay

BRANCHES_MAX: Final = 9
"""Ways out of one step, as Segment allows: more is unreadable on a canvas."""

TURNS_MAX: Final = 100
"""Rounds of one loop."""

UPDATES_MAX: Final = 20
"""Of one update step."""

CONTACTS: Final = frozenset({"email", "phone"})

TTL_MAX_MS: Final = 7 * 24 * 60 * 60 * 1000
"""Delivery reads its ledger back so far."""


class SendStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="send"):
    """One message on one channel. Refused, the run goes on unless it is to end."""

    channel: Literal["email"]
    template: str
    category: str | None = None
    """None: the campaign's."""
    ttl: str = "24h"
    """How long it may wait, for quiet hours or a provider, before it is too late; at most 7d."""
    on_refused: Literal["go_on", "exit"] = "go_on"
    on_failed: StepId | None = None
    """Where those go whose message no provider took: failed for good, in doubt, or too late. With
    it the run waits for the provider's answer; without it, it goes on at once."""

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        if self.on_failed is not None:
            yield "on_failed", self.on_failed

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseStep`."""
        yield "ttl", self.ttl


class DelayStep(
    Delay, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag="delay"
):
    """Wait as `engine.schedules.delays` says."""

    next: StepId | None = None
    otherwise: StepId | None = None
    """With `past: branch`: where those go whose date is over, or who have none."""

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        for name, target in (("next", self.next), ("otherwise", self.otherwise)):
            if target is not None:
                yield name, target

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseStep`; its own are checked with the rest of the delay."""
        yield from ()


class LoopStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="loop"):
    """Go back to a step, at most `max_turns` times; then on to `next`."""

    to: StepId
    max_turns: int

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        yield "to", self.to


class Choice(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"condition": "if"},
):
    """One way on, for whom its rule holds."""

    id: str
    condition: Rule
    next: StepId | None = None


class BranchStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="branch"):
    """The first choice whose rule holds; `next` for whom none does."""

    branches: tuple[Choice, ...]

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        for place, branch in enumerate(self.branches):
            if branch.next is not None:
                yield f"branches[{place}].next", branch.next


class FilterStep(
    BaseStep,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="filter",
    rename={"condition": "if"},
):
    """`next` for whom the rule holds, `otherwise` for the others; null ends the run."""

    condition: Rule
    otherwise: StepId | None = None

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        if self.otherwise is not None:
            yield "otherwise", self.otherwise


class UpdateStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="update"):
    """Note something about the customer."""

    set: dict[str, str | int | float | bool | None] = msgspec.field(default_factory=dict)
    """Attributes; null removes one."""
    increment: dict[str, int] = msgspec.field(default_factory=dict)
    """Attributes that are whole numbers; one that is absent or something else begins at 0."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    subscriptions: Subscriptions = msgspec.field(default_factory=dict)
    """Consent by channel, or by category of it; what the customer says later goes before it."""


class ExitStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="exit"):
    """End the run here."""


Step: TypeAlias = (
    SendStep
    | DelayStep
    | WaitStep
    | BranchStep
    | FilterStep
    | SplitStep
    | AbTestStep
    | UpdateStep
    | PointsStep
    | PromoStep
    | StartStep
    | LoopStep
    | ExitStep
)


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
    return [*found, *_own_flaws(step, path=path)]


def _own_flaws(step: Step, *, path: str) -> Iterator[Flaw]:  # noqa: C901 one arm per step
    match step:
        case DelayStep():
            yield from _delay_flaws(step, path=path)
        case WaitStep() | BranchStep():
            yield from _branch_flaws(step, path=path)
        case SplitStep():
            yield from chance.flaws(step.weights, path=f"{path}.arms")
            if step.next is not None:
                yield Flaw(path=f"{path}.next", message="each arm says where it goes")
        case AbTestStep():
            yield from arms.flaws(step, path=path)
        case UpdateStep():
            yield from _update_flaws(step, path=path)
        case PointsStep():
            yield from gifts.flaws(step, path=path)
        case StartStep():
            yield from actions.flaws(step, path=path)
        case LoopStep(max_turns=turns) if not 1 <= turns <= TURNS_MAX:
            yield Flaw(path=f"{path}.max_turns", message=f"from 1 to {TURNS_MAX}")
        case ExitStep(next=after) if after is not None:
            yield Flaw(path=f"{path}.next", message="nothing follows an exit")


def _delay_flaws(step: DelayStep, *, path: str) -> Iterator[Flaw]:
    yield from delays.flaws(step, path=path)
    if step.otherwise is not None and step.past != "branch":
        yield Flaw(path=f"{path}.otherwise", message='only with past: "branch"')


def _update_flaws(step: UpdateStep, *, path: str) -> Iterator[Flaw]:
    names = [*step.set, *step.increment]
    if not names and not step.add_tags and not step.remove_tags and not step.subscriptions:
        told = "set, increment, add_tags, remove_tags or subscriptions"
        yield Flaw(path=path, message=f"say what is noted: {told}")
    if len(names) + len(step.add_tags) + len(step.remove_tags) > UPDATES_MAX:
        yield Flaw(path=path, message=f"at most {UPDATES_MAX} attributes and tags at once")
    if len(step.subscriptions) > UPDATES_MAX or not all(step.subscriptions):
        yield Flaw(path=f"{path}.subscriptions", message=f"at most {UPDATES_MAX}, by channel")
    for name in names:
        if name in CONTACTS:
            message = "an address is the customer's word, or the back office's: not a campaign's"
            yield Flaw(path=f"{path}.set.{name}", message=message)
    for name in step.set.keys() & step.increment.keys():
        yield Flaw(path=f"{path}.increment.{name}", message="set or increment, not both")


def _branch_flaws(step: WaitStep | BranchStep, *, path: str) -> Iterator[Flaw]:
    if not 1 <= len(step.branches) <= BRANCHES_MAX:
        yield Flaw(path=f"{path}.branches", message=f"from 1 to {BRANCHES_MAX}")
    if len({branch.id for branch in step.branches}) != len(step.branches):
        yield Flaw(path=f"{path}.branches", message="two branches have the same id")
    if isinstance(step, WaitStep):
        yield from waits.flaws(step, path=path)
