"""The ledger of points: what is left, of what, and for how long."""

import msgspec

from engine import points
from engine.points import ENTRIES_MAX, REASON_MAX_CHARS, Points, PointsEntry


def entry(
    amount: int, *, at: int = 0, expires_at: int | None = None, name: str = ""
) -> PointsEntry:
    return PointsEntry(
        id=name or f"{amount}/{at}",
        at=at,
        amount=amount,
        expires_at=expires_at,
        origin="operator",
    )


def entered(*entries: PointsEntry) -> Points:
    """Each at its time."""
    known: Points = ()
    for one in entries:
        after = points.enter(known, one, now=one.at)
        assert after is not None, one
        known = after
    return known


def left(known: Points) -> list[int]:
    return [one.left for one in known]


def test_what_expires_first_is_taken_first() -> None:
    known = entered(
        entry(10),
        entry(20, expires_at=900, at=1),
        entry(30, expires_at=500, at=2),
        entry(-45, at=3),
    )

    assert left(known) == [10, 5, 0, 0]


def test_of_equal_expiries_the_oldest_is_taken_first() -> None:
    known = entered(entry(10, at=1), entry(10, at=2, name="b"), entry(-5, at=3))

    assert left(known) == [5, 10, 0]


def test_who_takes_more_than_there_is_takes_nothing() -> None:
    known = entered(entry(10))

    assert points.enter(known, entry(-11), now=1) is None
    assert points.enter(known, entry(-10), now=1) is not None


def test_an_id_is_entered_once() -> None:
    known = entered(entry(10, name="gift"))

    assert points.enter(known, entry(10, name="gift"), now=1) is None


def test_points_are_there_until_the_instant_they_expire_at() -> None:
    known = entered(entry(10, expires_at=500))

    assert [points.balance(known, now=now) for now in (499, 500)] == [10, 0]


def test_what_expired_cannot_be_taken() -> None:
    known = entered(entry(10, expires_at=500), entry(3, at=1))

    assert points.enter(known, entry(-4, at=600), now=600) is None
    assert left(entered(*known, entry(-3, at=600))) == [0, 0, 0]


def test_the_next_expiry_is_of_what_is_left() -> None:
    known = entered(
        entry(10, expires_at=500), entry(7, at=1, expires_at=800), entry(-10, at=2), entry(1, at=3)
    )

    found = points.next_expiry(known, now=400)

    assert found is not None
    assert (found.left, found.expires_at) == (7, 800)
    assert points.next_expiry(known, now=800) is None


def test_the_oldest_that_is_used_up_leaves_first() -> None:
    many = [entry(1, at=at) for at in range(ENTRIES_MAX - 1)]

    known = entered(*many, entry(-1, at=100), entry(5, at=101))

    assert len(known) == ENTRIES_MAX
    assert points.balance(known, now=101) == ENTRIES_MAX - 1 - 1 + 5
    assert known[0].at == 1


def test_of_too_many_unspent_those_that_expire_last_become_one() -> None:
    """Nobody loses any: what would have gone sooner lasts as long as the other."""
    many = [entry(1, at=at, expires_at=1_000 + at) for at in range(ENTRIES_MAX + 1)]

    known = entered(*many)

    assert len(known) == ENTRIES_MAX
    assert points.balance(known, now=100) == ENTRIES_MAX + 1
    last = known[-1]
    assert (last.amount, last.left, last.expires_at) == (2, 2, 1_000 + ENTRIES_MAX)


def test_what_is_taken_from_a_full_ledger_is_entered() -> None:
    many = [entry(2, at=at) for at in range(ENTRIES_MAX)]

    known = entered(*many, entry(-1, at=100))

    assert known[-1].amount == -1
    assert (len(known), points.balance(known, now=100)) == (ENTRIES_MAX, 2 * ENTRIES_MAX - 1)


def test_a_full_ledger_has_at_most_45_kb() -> None:
    longest = PointsEntry(
        id="f" * 32,
        at=2**42,
        amount=10**9,
        left=10**9,
        expires_at=2**42,
        reason="\u2014" * REASON_MAX_CHARS,
        origin="operator",
        campaign="c" * 300,
        run="f" * 32,
    )

    assert len(msgspec.msgpack.encode((longest,) * ENTRIES_MAX)) <= 900 * ENTRIES_MAX
