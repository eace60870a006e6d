"""Who is in which arm: by a stable hash, so only the slice that changed weights is in another."""

import functools
from typing import Final, TypeAlias

from engine import chance, ids
from engine.chance import Slice
from engine.definitions.steps import Arm, SplitStep
from engine.effects import RecordFact
from engine.facts import Fact
from engine.journeys.walks import Walk

HISTORIES_MAX: Final = 1_000
"""Kept dealt; one more is dealt again when it is met."""

_Weights: TypeAlias = tuple[tuple[str, int], ...]


def arm(walk: Walk, step: SplitStep) -> Arm:
    """The customer's arm, recorded."""
    salt = step.salt or f"{walk.instance.campaign}/{walk.instance.step}"
    name = chance.arm_of(_slices(_history(walk, step)), chance.share(salt, walk.customer.id))
    _record(walk, salt, name)
    return step.arms[name]


def is_held_out(walk: Walk) -> bool:
    """Whether the customer is held out, recorded either way where anybody is."""
    holdout = walk.live.campaign.holdout
    if holdout is None:
        return False
    salt = holdout.salt or f"{walk.instance.campaign}/holdout"
    is_out = chance.is_within(salt, walk.customer.id, first=0, end=holdout.basis_points)
    _record(walk, salt, "holdout" if is_out else "treated")
    return is_out


def _record(walk: Walk, salt: str, arm: str) -> None:
    instance = walk.instance
    walk.effects.append(
        RecordFact(
            fact=Fact(
                id=ids.derived("arm_assigned", instance.id, salt, walk.rounds),
                customer=walk.customer.id,
                kind="arm_assigned",
                at=walk.clock.at,
                campaign=instance.campaign,
                version=instance.version,
                trigger=instance.trigger,
                instance=instance.id,
                step=instance.step,
                name=salt,
                after=arm,
            )
        )
    )


def _history(walk: Walk, step: SplitStep) -> tuple[_Weights, ...]:
    """The weights of the step in every version up to the run's."""
    found = []
    for version, campaign in walk.definitions.versions(walk.instance.campaign):
        known = campaign.steps.get(walk.instance.step)
        is_before = version < walk.instance.version
        if is_before and isinstance(known, SplitStep) and known.salt == step.salt:
            found.append(tuple(known.weights.items()))
    return (*found, tuple(step.weights.items()))


@functools.lru_cache(maxsize=HISTORIES_MAX)
def _slices(history: tuple[_Weights, ...]) -> tuple[Slice, ...]:
    slices: tuple[Slice, ...] = ()
    for weights in history:
        slices = chance.allotted(dict(weights), before=slices)
    return slices
