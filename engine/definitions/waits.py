"""The step that waits: for events, for rules, for both, until the first of them or a time-out.

accept_prior  none        only what happens, or becomes true, from the arrival on
              since_step  also since the run last came to the step named in `since`
              since_entry also since the run began
              ever        also what happened, or is true, before the customer came in
"""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

import msgspec

from engine.definitions import basestep
from engine.definitions.basestep import BaseStep, EventMet, StepId
from engine.errors import Flaw
from engine.rules.nodes import Did, Rule

PRIORS_MAX: Final = 20
"""Branches of one campaign that accept what came before: a run remembers each by its name, about
20 bytes."""

UNCOUNTED: Final = frozenset({"receipt issued", "order placed", "order status changed"})
"""Events by name that rules do not count: a rule on purchases does."""

AcceptPrior: TypeAlias = Literal["none", "since_step", "since_entry", "ever"]


class WaitBranch(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"condition": "if"},
):
    """An event, a rule that becomes true, or with both the event at which the rule holds."""

    id: str
    on: EventMet | None = None
    condition: Rule | None = None
    next: StepId | None = None


class WaitStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="wait_until"):
    """Wait for one of several things; after `timeout` go on to `next`."""

    branches: tuple[WaitBranch, ...]
    timeout: str
    accept_prior: AcceptPrior = "none"
    since: StepId | None = None
    """With `since_step`."""
    order: Literal["first", "ranked"] = "first"
    """The first to happen decides, of one event the first listed; or the whole time is waited, for
    the highest on the list of those that happened, which at the top is at once."""

    def exits(self) -> Iterator[tuple[str, StepId]]:
        """See `BaseStep`."""
        yield from super().exits()
        for place, branch in enumerate(self.branches):
            if branch.next is not None:
                yield f"branches[{place}].next", branch.next

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `BaseStep`."""
        yield "timeout", self.timeout


def flaws(step: WaitStep, *, path: str) -> Iterator[Flaw]:
    """What is wrong with what is waited for."""
    if (step.accept_prior == "since_step") != (step.since is not None):
        message = 'the id of a step with accept_prior: "since_step", and only with it'
        yield Flaw(path=f"{path}.since", message=message)
    for place, branch in enumerate(step.branches):
        at = f"{path}.branches[{place}]"
        if branch.on is not None:
            yield from basestep.met_flaws(branch.on, path=f"{at}.on")
            if step.accept_prior == "ever":
                yield from _ever_flaws(branch.on, path=f"{at}.on")
        elif branch.condition is None:
            yield Flaw(path=at, message="an event under on, a rule under if, or both")


def _ever_flaws(met: EventMet, *, path: str) -> Iterator[Flaw]:
    """Rows keep no events from before a run: only how many there were, and only of trackers."""
    name = met.event.strip().casefold()
    if met.match_key:
        message = 'what was before the run is not kept by its key: take "since_entry"'
        yield Flaw(path=f"{path}.match_key", message=message)
    if name in UNCOUNTED or name.startswith("message "):
        message = f"{met.event!r} is not counted by its name: ask with a rule under if"
        yield Flaw(path=f"{path}.event", message=message)


def ever(met: EventMet) -> Did:
    """The rule that asks whether such an event was there at any time."""
    return Did(id="ever", event=met.event, where=met.where)
