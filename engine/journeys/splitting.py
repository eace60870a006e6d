"""Who is in which arm: by a stable hash, so only the slice that changed weights is in another."""

import functools
from typing import Final, TypeAlias

from engine import chance, ids
from engine.chance import Slice
from engine.customer import Customer
from engine.definitions.arms import Arm, SplitStep
from engine.definitions.controls import Control
from engine.effects import RecordFact
from engine.facts import Fact
from engine.journeys import waiting
from engine.journeys.walks import Walk
from engine.schedules import local

HISTORIES_MAX: Final = 1_000
"""Kept dealt; one more is dealt again when it is met."""

_Weights: TypeAlias = tuple[tuple[str, int], ...]


def arm(walk: Walk, step: SplitStep) -> Arm:
    """The customer's arm, recorded."""
    salt = step.salt or f"{walk.instance.campaign}/{walk.instance.step}"
    name = chance.arm_of(_slices(_history(walk, step)), chance.share(salt, walk.customer.id))
    record(walk, salt, name)
    return step.arms[name]


def is_held_out(walk: Walk) -> bool:
    """Whether the customer is held out, by the campaign or its policy; both are recorded."""
    is_out_here, is_out_everywhere = _is_out_here(walk), _is_controlled(walk)
    return is_out_here or is_out_everywhere


def _is_out_here(walk: Walk) -> bool:
    holdout = walk.live.campaign.holdout
    if holdout is None:
        return False
    salt = holdout.salt or f"{walk.instance.campaign}/holdout"
    if holdout.audience is None:
        is_out = chance.is_within(salt, walk.customer.id, first=0, end=holdout.basis_points)
    else:
        is_out = walk.holds(holdout.audience)
    return _recorded(walk, salt, is_out=is_out)


def _is_controlled(walk: Walk) -> bool:
    """Whether the policy's control group has the customer; what is transactional has none."""
    campaign = walk.live.campaign
    control = walk.definitions.policy(campaign).control
    if control is None or campaign.message_class == "transactional":
        return False
    if campaign.category in control.exempt:
        return False
    salt = _salt(control, walk)
    dealt = _dealt(control, walk.customer)
    is_out = chance.is_within(salt, dealt, first=0, end=control.basis_points)
    return _recorded(walk, salt, is_out=is_out)


def _salt(control: Control, walk: Walk) -> str:
    """Of the period, where there are any: it begins with a month of the company's calendar."""
    if control.months is None:
        return control.salt
    company = waiting.zones(walk.customer, walk.definitions).chosen("company")
    shown = local.wall(walk.clock.now, company)
    return f"{control.salt}/{(shown.year * 12 + shown.month - 1) // control.months}"


def _dealt(control: Control, customer: Customer) -> str:
    if control.by == "customer":
        return customer.id
    return customer.email or customer.phone or customer.id


def _recorded(walk: Walk, salt: str, *, is_out: bool) -> bool:
    record(walk, salt, "holdout" if is_out else "treated")
    return is_out


def record(walk: Walk, salt: str, arm: str, *, origin: str = "") -> None:
    """Remember in the run that it goes by an arm, and tell it; `origin`: how it came by it."""
    walk.deal(salt, arm)
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
                origin=origin,
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
