"""The winner of an A/B test: intervals against published figures, and when there is none (X03)."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from engine.definitions import verdicts
from engine.definitions.arms import AbTestStep
from engine.definitions.verdicts import Outcome

ARMS = {"a": {"weight": 1, "next": "x"}, "b": {"weight": 1, "next": "y"}}


def step(**fields: object) -> AbTestStep:
    body: dict[str, Any] = {"type": "ab_test", "arms": ARMS, "metric": "click"}
    body |= {"sample_size": 100, "wait": "1d", **fields}
    return msgspec.convert(body, AbTestStep)


def clicked(arm: str, reached: int, customers: int) -> Outcome:
    return Outcome(arm=arm, reached=reached, customers=customers)


def bought(arm: str, *sums: int) -> Outcome:
    return Outcome(
        arm=arm,
        customers=len(sums),
        reached=sum(1 for one in sums if one),
        total=Decimal(sum(sums)),
        squares=float(sum(one * one for one in sums)),
    )


@pytest.mark.parametrize(
    ("reached", "customers", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_rate_has_the_interval_of_wilson(
    reached: int, customers: int, low: float, high: float
) -> None:
    """The four examples of Newcombe, "Two-sided confidence intervals for the single proportion"."""
    found = verdicts.estimate(clicked("a", reached, customers), step())

    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_an_arm_that_is_surely_ahead_wins() -> None:
    found = verdicts.verdict("e", [clicked("a", 56, 70), clicked("b", 48, 80)], step())

    assert (found.winner, found.weights, found.by) == ("a", {"a": 1}, "statistics")
    assert "80.00%" in found.why
    assert "60.00%" in found.why


def test_two_that_are_close_are_a_tie_and_go_on_as_the_sample() -> None:
    found = verdicts.verdict("e", [clicked("a", 40, 70), clicked("b", 42, 80)], step())

    assert (found.winner, found.weights) == (None, {"a": 1, "b": 1})
    assert "chance" in found.why


def test_a_tie_goes_to_the_arm_that_is_named_for_it() -> None:
    found = verdicts.verdict("e", [clicked("a", 9, 70), clicked("b", 9, 70)], step(tie="b"))

    assert (found.winner, found.weights) == (None, {"b": 1})


@pytest.mark.parametrize(("least", "winner"), [("0.2", "a"), ("0.21", None)])
def test_a_winner_is_ahead_by_the_least_effect(least: str, winner: str | None) -> None:
    outcomes = [clicked("a", 800, 1000), clicked("b", 600, 1000)]

    assert verdicts.judge(outcomes, step(min_effect=least)).winner == winner


def test_an_arm_that_nobody_was_dealt_makes_no_winner() -> None:
    found = verdicts.judge([clicked("a", 50, 50)], step())

    assert found.winner is None
    assert "'b'" in found.why


def test_the_difference_of_two_rates_is_newcombes() -> None:
    """His example (a) of method 10: 56 of 70 against 48 of 80 are 0.2 apart, 0.0524 at least."""
    outcomes = [clicked("a", 56, 70), clicked("b", 48, 80)]

    ahead, other = (verdicts.estimate(one, step()) for one in outcomes)

    assert ahead is not None
    assert other is not None
    apart = ((ahead.value - ahead.low) ** 2 + (other.high - other.value) ** 2) ** 0.5
    assert 0.2 - apart == pytest.approx(0.0524, abs=5e-5)


def test_three_arms_need_a_greater_difference_than_two() -> None:
    three = step(arms={**ARMS, "c": {"weight": 1, "next": "z"}})
    outcomes = [clicked("a", 58, 100), clicked("b", 43, 100), clicked("c", 20, 100)]

    assert verdicts.judge(outcomes[:2], step()).winner == "a"
    assert verdicts.judge(outcomes, three).winner is None


def test_revenue_is_compared_by_means() -> None:
    rich, poor = (20, 30) * 20, (10, 15) * 20

    found = verdicts.judge([bought("a", *poor), bought("b", *rich)], step(metric="revenue"))

    assert found.winner == "b"
    assert "25.00 a customer" in found.why


def test_one_large_order_makes_no_winner() -> None:
    """The mean is four times the other, and chance."""
    outcomes = [bought("a", *[0] * 39, 4000), bought("b", *[25] * 40)]

    assert verdicts.judge(outcomes, step(metric="revenue")).winner is None


def test_means_of_few_customers_are_not_compared() -> None:
    few = verdicts.MEANS_MIN - 1
    outcomes = [bought("a", *[100] * few), bought("b", *[1] * 40)]

    assert "too few" in verdicts.judge(outcomes, step(metric="revenue")).why
