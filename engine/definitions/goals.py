"""What a campaign is for (X35): an event or a state of the customer, soon enough after entry."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from engine import durations
from engine.definitions import basestep
from engine.definitions.basestep import EventMet
from engine.errors import Flaw
from engine.rules.nodes import Rule

GOALS_MAX: Final = 5
"""Of one campaign: each is asked at every event of who is in, or was lately."""


class Goal(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"condition": "if"},
):
    """Reached once for each run: at an event, when a rule has become true, or at the event with it.

    Who has left the campaign still reaches it, within the window. A rule is looked at with every
    event of the customer; one that held at the entry is not reached.
    """

    id: str
    on: EventMet | None = None
    condition: Rule | None = None
    window: str = "7d"
    """Since the entry, both by the source's clock."""
    value: str | None = None
    """Path in the event: what it was worth, `properties.revenue`, `total`."""
    worth: Decimal | None = None
    """What it is worth where the event says nothing."""
    exit: bool = False
    """Whether who reaches it leaves the campaign."""


def flaws(goals: Sequence[Goal]) -> Iterator[Flaw]:
    """What is wrong with the goals of a campaign."""
    if len(goals) > GOALS_MAX:
        yield Flaw(path="goals", message=f"at most {GOALS_MAX}")
    if len({goal.id for goal in goals}) != len(goals):
        yield Flaw(path="goals", message="two goals have the same id")
    for place, goal in enumerate(goals):
        yield from _flaws(goal, path=f"goals[{place}]")


def _flaws(goal: Goal, *, path: str) -> Iterator[Flaw]:
    if goal.on is not None:
        yield from basestep.met_flaws(goal.on, path=f"{path}.on")
    elif goal.condition is None:
        yield Flaw(path=path, message="an event under on, a rule under if, or both")
    elif goal.value is not None:
        yield Flaw(path=f"{path}.value", message="only an event under on has a value to read")
    if goal.value is not None and not all(goal.value.split(".")):
        yield Flaw(path=f"{path}.value", message=f"{goal.value!r} is no path: write it like a.b")
    if goal.worth is not None and not goal.worth.is_finite():
        yield Flaw(path=f"{path}.worth", message="a number")
    try:
        durations.parse_ms(goal.window)
    except ValueError as error:
        yield Flaw(path=f"{path}.window", message=str(error))
