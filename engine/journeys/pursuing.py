"""Goals: who entered pursues them until each window is over, inside the campaign or out again.

What is pursued is remembered apart from the run, since most of what a campaign is for happens after
its last message. A goal counts once for each run, and for the control group as for the others.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from engine import durations, faults, ids
from engine.conditions import evaluation, numbers
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.goals import Goal
from engine.effects import Effect, RecordFact
from engine.facts import Fact
from engine.faults import FAULTS
from engine.instances import PURSUITS_MAX, Pursuit
from engine.journeys import asking, failing, meeting
from engine.journeys.payloads import Told
from engine.journeys.walks import Walk


def begin(walk: Walk) -> None:
    """The run has begun: its goals can be reached from here on."""
    goals = walk.live.campaign.goals
    if not goals:
        return
    instance = walk.instance
    pursuit = Pursuit(
        id=instance.id,
        campaign=instance.campaign,
        version=instance.version,
        trigger=instance.trigger,
        key=instance.key,
        key_path=walk.live.trigger.correlation_key or "",
        caused_at=instance.caused_at,
        ends_at=instance.caused_at + max(durations.parse_ms(goal.window) for goal in goals),
        is_shadow=instance.is_shadow,
        reached=_held(walk, goals),
    )
    kept = (*walk.customer.pursuits, pursuit)[-PURSUITS_MAX:]
    walk.customer = msgspec.structs.replace(walk.customer, pursuits=kept)


class Asked(NamedTuple):
    """An event, and everything that goals are judged under."""

    customer: Customer
    """After the event."""
    told: Told
    definitions: Definitions
    now: int


def follow(asked: Asked) -> tuple[Customer, list[Effect], frozenset[str]]:
    """What an event reaches: the facts, and the ids of the runs that end by it."""
    effects: list[Effect] = []
    ended: set[str] = set()
    kept: list[Pursuit] = []
    for pursuit in asked.customer.pursuits:
        ahead = _open(pursuit, asked)
        reached = []
        for goal in ahead:
            try:
                is_reached = _is_reached(goal, pursuit, asked)
            except FAULTS as error:
                effects += _failed(goal, pursuit, asked, error)
            else:
                reached += [goal] if is_reached else []
        effects += [_fact(goal, pursuit, asked) for goal in reached]
        if any(goal.exit for goal in reached):
            ended.add(pursuit.id)
        if len(reached) < len(ahead):
            names = (*pursuit.reached, *(goal.id for goal in reached))
            kept.append(msgspec.structs.replace(pursuit, reached=names) if reached else pursuit)
    customer = asked.customer
    if effects or len(kept) != len(customer.pursuits):
        customer = msgspec.structs.replace(customer, pursuits=tuple(kept))
    return customer, effects, frozenset(ended)


def _failed(goal: Goal, pursuit: Pursuit, asked: Asked, error: Exception) -> list[Effect]:
    """It is not reached, and its campaign is told of."""
    found = faults.fault(error, place=f"goals.{goal.id}")
    at = (pursuit.campaign, pursuit.version)
    return failing.reports(found, asked.definitions, at=at, event=asked.told.id, now=asked.now)


def _open(pursuit: Pursuit, asked: Asked) -> list[Goal]:
    """Those yet to be reached; of a version that nobody knows none."""
    if asked.now >= pursuit.ends_at:
        return []
    live = asked.definitions.trigger_of(pursuit.campaign, pursuit.version, pursuit.trigger)
    goals = () if live is None else live.campaign.goals
    return [goal for goal in goals if goal.id not in pursuit.reached]


def _is_reached(goal: Goal, pursuit: Pursuit, asked: Asked) -> bool:
    since_ms = asked.told.at - pursuit.caused_at
    if not 0 <= since_ms <= durations.parse_ms(goal.window):
        return False
    if goal.on is not None and not meeting.is_met(
        goal.on, asked.told, key=pursuit.key, path=pursuit.key_path or None
    ):
        return False
    return asking.holds(goal.condition, asked.customer, asked.definitions, now=asked.now)


def _held(walk: Walk, goals: Sequence[Goal]) -> tuple[str, ...]:
    """What holds at the entry is none of the campaign's doing."""
    states = (goal for goal in goals if goal.on is None)
    now = walk.clock.now
    return tuple(
        goal.id
        for goal in states
        if asking.holds(goal.condition, walk.customer, walk.definitions, now=now)
    )


def _fact(goal: Goal, pursuit: Pursuit, asked: Asked) -> Effect:
    return RecordFact(
        fact=Fact(
            id=ids.derived("goal_reached", pursuit.id, goal.id),
            customer=asked.customer.id,
            kind="goal_reached",
            at=asked.told.at,
            campaign=pursuit.campaign,
            version=pursuit.version,
            trigger=pursuit.trigger,
            instance=pursuit.id,
            name=goal.id,
            after=_value(goal, asked.told),
            cause=asked.told.id,
            origin="holdout" if pursuit.is_shadow else "treated",
        )
    )


def _value(goal: Goal, told: Told) -> str | None:
    """What it was worth, as decimal text."""
    said = None if goal.value is None else evaluation.found(told.document, goal.value.split("."))
    exact = numbers.exact(said)
    exact = goal.worth if exact is None else exact
    return None if exact is None else f"{exact:f}"
