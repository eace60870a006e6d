"""Which arm of an A/B test is ahead, by intervals of 95 %.

A rate (opens, clicks, orders) has the interval of Wilson (1927): right for small samples and rates
near 0, where the usual one is not. Revenue a customer has the one of the normal distribution, which
wants some customers. Two arms are compared by putting their intervals together as Newcombe does
("Interval estimation for the difference between independent proportions", method 10, 1998; for
means: Zou and Donner, MOVER, 2008), several by sharing the error among them (Bonferroni).

The verdict is asked for once, at a time fixed beforehand: looking every hour and stopping at the
first difference would find one where there is none.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

import msgspec

from engine.definitions.arms import AbTestStep
from engine.definitions.experiments import Verdict

ERROR: Final = 0.05

MEANS_MIN: Final = 30
"""Customers of an arm from which on a mean is taken for normally distributed."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the customers of one arm did."""

    arm: str
    customers: int = 0
    reached: int = 0
    """Those of them who opened, clicked, ordered."""
    total: Decimal = Decimal(0)
    """Of their orders."""
    squares: float = 0.0
    """Sum of the squares of what each of them ordered for."""


class Estimate(NamedTuple):
    """A rate from 0 to 1, or money a customer, and where it may lie."""

    value: float
    low: float
    high: float


class Judgement(NamedTuple):
    """The arm that is ahead, if any, and why."""

    winner: str | None
    why: str


def estimate(outcome: Outcome, step: AbTestStep, *, comparisons: int = 1) -> Estimate | None:
    """What an arm came to; None: too few customers to say anything."""
    z = NormalDist().inv_cdf(1 - ERROR / 2 / comparisons)
    if step.metric == "revenue":
        return _mean(outcome, z)
    return _rate(outcome, z)


def judge(outcomes: Sequence[Outcome], step: AbTestStep) -> Judgement:
    """Name the arm that is ahead of every other by the least effect at least, and surely ahead."""
    of = {one.arm: one for one in outcomes}
    ordered = [of.get(name, Outcome(arm=name)) for name in step.arms]
    estimates: dict[str, Estimate] = {}
    for outcome in ordered:
        found = estimate(outcome, step, comparisons=len(ordered) - 1)
        if found is None:
            return Judgement(None, f"too few customers were dealt {outcome.arm!r} to compare")
        estimates[outcome.arm] = found
    best = max(estimates, key=lambda name: estimates[name].value)
    others = {name: one for name, one in estimates.items() if name != best}
    return _compared(best, estimates[best], others, step)


def verdict(name: str, outcomes: Sequence[Outcome], step: AbTestStep) -> Verdict:
    """What goes for all others: the winner, or the tie rule."""
    winner, why = judge(outcomes, step)
    weights = step.tied if winner is None else {winner: 1}
    return Verdict(id=name, weights=weights, winner=winner, by="statistics", why=why)


def _compared(
    best: str, ahead: Estimate, others: Mapping[str, Estimate], step: AbTestStep
) -> Judgement:
    least = float(step.min_effect)
    for name, other in others.items():
        difference = ahead.value - other.value
        surely = difference - sqrt((ahead.value - ahead.low) ** 2 + (other.high - other.value) ** 2)
        told = f"{best!r} with {_told(ahead, step)} against {name!r} with {_told(other, step)}"
        if surely <= 0:
            return Judgement(None, f"the difference may be chance: {told}")
        if difference < least:
            return Judgement(None, f"less apart than min_effect {step.min_effect}: {told}")
    shown = ", ".join(f"{name!r} with {_told(one, step)}" for name, one in others.items())
    return Judgement(best, f"{best!r} with {_told(ahead, step)} is ahead of {shown}")


def _told(found: Estimate, step: AbTestStep) -> str:
    if step.metric == "revenue":
        return f"{found.value:.2f} a customer ({found.low:.2f} to {found.high:.2f})"
    return f"{found.value:.2%} ({found.low:.2%} to {found.high:.2%})"


def _rate(outcome: Outcome, z: float) -> Estimate | None:
    count = outcome.customers
    if not count:
        return None
    rate = outcome.reached / count
    middle = (rate + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(rate * (1 - rate) / count + (z / (2 * count)) ** 2)
    return Estimate(rate, max(0.0, middle - half), min(1.0, middle + half))


def _mean(outcome: Outcome, z: float) -> Estimate | None:
    count = outcome.customers
    if count < MEANS_MIN:
        return None
    mean = float(outcome.total) / count
    # Rounding may make the variance of equal sums a little less than nothing.
    variance = max(0.0, (outcome.squares - count * mean * mean) / (count - 1))
    half = z * sqrt(variance / count)
    return Estimate(mean, mean - half, mean + half)
