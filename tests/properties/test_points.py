"""Points are never lost, made or below zero, whatever is given, taken, expires and is merged."""

from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import points
from engine.points import ENTRIES_MAX, Points, PointsEntry
from tests.support.examples import examples

HOUR: Final = 3_600_000

WISHES: Final = st.lists(
    st.tuples(
        st.integers(-60, 60).filter(bool), st.none() | st.integers(1, 50), st.integers(0, 20)
    ),
    max_size=80,
)
"""An amount, hours until it expires, hours since the one before."""


def entries(wishes: list[tuple[int, int | None, int]], name: str = "") -> list[PointsEntry]:
    found, at = [], 0
    for number, (amount, hours, later) in enumerate(wishes):
        at += later * HOUR
        expires_at = None if hours is None or amount < 0 else at + hours * HOUR
        found.append(
            PointsEntry(
                id=f"{name}{number}",
                at=at,
                amount=amount,
                expires_at=expires_at,
                origin="operator",
            )
        )
    return found


def lived(wishes: list[PointsEntry]) -> Points:
    known: Points = ()
    for one in wishes:
        known = points.enter(known, one, now=one.at) or known
    return known


@settings(max_examples=examples(300))
@given(WISHES)
def test_each_entry_changes_the_balance_by_its_amount_or_by_nothing(
    wishes: list[tuple[int, int | None, int]],
) -> None:
    known: Points = ()
    for one in entries(wishes):
        before = points.balance(known, now=one.at)
        after = points.enter(known, one, now=one.at)
        assert (after is None) == (before + one.amount < 0)
        known = after or known
        assert points.balance(known, now=one.at) == before + (one.amount if after else 0)
        assert len(known) <= ENTRIES_MAX
        assert all(0 <= other.left <= max(0, other.amount) for other in known)


@settings(max_examples=examples(300))
@given(WISHES, st.integers(0, 200))
def test_it_is_as_if_each_point_had_been_kept_for_itself(
    wishes: list[tuple[int, int | None, int]], later: int
) -> None:
    """The reference: one number for each point, the instant it expires at."""
    wishes, end = wishes[:ENTRIES_MAX], 0
    purse: list[float] = []
    for one in entries(wishes):
        end = one.at
        purse = sorted(at for at in purse if at > one.at)
        if one.amount > 0:
            purse += [float("inf") if one.expires_at is None else one.expires_at] * one.amount
        elif len(purse) >= -one.amount:
            purse = purse[-one.amount :]
    now = end + later * HOUR

    known = lived(entries(wishes))

    assert points.balance(known, now=now) == sum(at > now for at in purse)


@settings(max_examples=examples(300))
@given(WISHES, WISHES)
def test_who_turn_out_to_be_one_have_together_what_they_had(
    mine: list[tuple[int, int | None, int]], theirs: list[tuple[int, int | None, int]]
) -> None:
    one, other = lived(entries(mine, "a")), lived(entries(theirs, "b"))
    now = max([entry.at for entry in (*one, *other)], default=0)

    both = points.merged(one, other)

    together = points.balance(one, now=now) + points.balance(other, now=now)
    assert points.balance(both, now=now) >= together
    if len(one) + len(other) <= ENTRIES_MAX:
        assert points.balance(both, now=now) == together
    assert len(both) <= ENTRIES_MAX
