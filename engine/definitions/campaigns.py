"""A campaign as its author writes it; the defaults are the ones clients rely on."""

from collections.abc import Iterator
from typing import Final

import msgspec

from engine import durations
from engine.definitions import basestep, cases, goals, graph, policies, priors, steps
from engine.definitions.basestep import EventMet, StepId
from engine.definitions.cases import Case
from engine.definitions.goals import Goal
from engine.definitions.steps import SendStep, Step
from engine.definitions.triggers import types
from engine.definitions.triggers.types import Trigger
from engine.errors import Flaw
from engine.messages import MessageClass
from engine.rules.nodes import Rule

TRIGGERS_MAX: Final = 20
STEPS_MAX: Final = 100
"""Of one campaign: more cannot be looked through on a canvas."""

EXITS_MAX: Final = 10

HOLDOUT_MAX: Final = 5_000
"""Half of everybody: with more in it the holdout is the campaign."""

PRIORITY_MAX: Final = 100

PARTICIPANTS_MAX: Final = 10**9


class ExitRule(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"condition": "if"},
):
    """Who is inside leaves at once, wherever they are: at an event, or as soon as a rule holds.

    With both: at the event, if the rule holds then. A rule alone is asked at every event of the
    customer and before every message.
    """

    id: str
    on: EventMet | None = None
    condition: Rule | None = None


class Holdout(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Those who go the whole way and are sent nothing, so that the others can be compared."""

    basis_points: int = 0
    """Of 10,000: 500 is one in twenty. When it grows, whoever was held out still is."""
    salt: str | None = None
    """None: this campaign. Campaigns with one salt hold out the same customers."""
    audience: Rule | None = None
    """Instead of a share: those for whom it holds when they enter."""


class Limit(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How many may take part, over all customers and versions; who enters twice counts twice."""

    total: int
    per: str | None = None
    """So many within any time of this length; None: ever."""


class Campaign(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"message_class": "class"},
):
    """One version; immutable once saved."""

    id: str
    name: str = ""
    message_class: MessageClass = "marketing"
    category: str | None = None
    policy: str = policies.DEFAULT
    """Id of what goes for its messages: quiet hours, consent, caps."""
    priority: int = 0
    """Of two messages that compete for the last place under a cap, the higher goes."""
    triggers: tuple[Trigger, ...]
    start: StepId
    steps: dict[StepId, Step]
    exit: tuple[ExitRule, ...] = ()
    goals: tuple[Goal, ...] = ()
    holdout: Holdout | None = None
    limit: Limit | None = None
    tests: tuple[Case, ...] = ()
    """Stories of which this version must make what they say (`engine.rehearsal`)."""
    require_tests: bool = False
    """Only a draft whose tests pass can be published."""
    shadow: bool = False
    """Compare this draft with what runs, from when it is saved; the worker knows nothing of it."""

    def sends(self) -> Iterator[tuple[StepId, SendStep]]:
        """The steps that send something."""
        for name, step in self.steps.items():
            if isinstance(step, SendStep):
                yield name, step


def flaws(campaign: Campaign) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    return [
        *_trigger_flaws(campaign),
        *_step_flaws(campaign),
        *_exit_flaws(campaign),
        *goals.flaws(campaign.goals),
        *_holdout_flaws(campaign.holdout),
        *_limit_flaws(campaign.limit),
        *_priority_flaws(campaign.priority),
        *_test_flaws(campaign),
        *priors.flaws(campaign.steps),
    ]


def _trigger_flaws(campaign: Campaign) -> Iterator[Flaw]:
    if not campaign.triggers:
        yield Flaw(path="triggers", message="a campaign needs a trigger")
    if len(campaign.triggers) > TRIGGERS_MAX:
        yield Flaw(path="triggers", message=f"at most {TRIGGERS_MAX}")
    ids = [trigger.id for trigger in campaign.triggers]
    if len(set(ids)) != len(ids):
        yield Flaw(path="triggers", message="two triggers have the same id")
    for place, trigger in enumerate(campaign.triggers):
        yield from types.flaws(trigger, path=f"triggers[{place}]")


def _step_flaws(campaign: Campaign) -> Iterator[Flaw]:
    if len(campaign.steps) > STEPS_MAX:
        yield Flaw(path="steps", message=f"at most {STEPS_MAX}")
        return
    for name, step in campaign.steps.items():
        yield from steps.flaws(step, path=f"steps.{name}")
    yield from graph.flaws(campaign.start, campaign.steps)


def _holdout_flaws(holdout: Holdout | None) -> Iterator[Flaw]:
    if holdout is None:
        return
    if holdout.audience is not None:
        if holdout.basis_points:
            yield Flaw(path="holdout", message="either basis_points or an audience")
        return
    if not 1 <= holdout.basis_points <= HOLDOUT_MAX:
        yield Flaw(path="holdout.basis_points", message=f"from 1 to {HOLDOUT_MAX}")


def _exit_flaws(campaign: Campaign) -> Iterator[Flaw]:
    if len(campaign.exit) > EXITS_MAX:
        yield Flaw(path="exit", message=f"at most {EXITS_MAX}")
    if len({rule.id for rule in campaign.exit}) != len(campaign.exit):
        yield Flaw(path="exit", message="two rules have the same id")
    for place, rule in enumerate(campaign.exit):
        if rule.on is not None:
            yield from basestep.met_flaws(rule.on, path=f"exit[{place}].on")
        elif rule.condition is None:
            yield Flaw(path=f"exit[{place}]", message="an event under on, a rule under if, or both")


def _priority_flaws(priority: int) -> Iterator[Flaw]:
    if abs(priority) > PRIORITY_MAX:
        message = f"from -{PRIORITY_MAX} to {PRIORITY_MAX}"
        yield Flaw(path="priority", message=message)


def _limit_flaws(limit: Limit | None) -> Iterator[Flaw]:
    if limit is None:
        return
    if not 1 <= limit.total <= PARTICIPANTS_MAX:
        yield Flaw(path="limit.total", message=f"from 1 to {PARTICIPANTS_MAX}")
    try:
        durations.parse_ms(limit.per or "1d")
    except ValueError as error:
        yield Flaw(path="limit.per", message=str(error))


def _test_flaws(campaign: Campaign) -> Iterator[Flaw]:
    if len(campaign.tests) > cases.CASES_MAX:
        yield Flaw(path="tests", message=f"at most {cases.CASES_MAX}")
        return
    yield from cases.flaws(campaign.tests, path="tests")
    if campaign.require_tests and not campaign.tests:
        yield Flaw(path="require_tests", message="there is no test that could pass")
