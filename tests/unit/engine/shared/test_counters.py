import msgspec
import pytest

from engine.claims import ClaimAnswer, Claimed, ClaimGranted, ClaimRefused, CounterRewriteRequested
from engine.errors import RejectedError
from engine.rows import Cause
from engine.shared import answering, counters
from engine.shared.answering import SharedArrival
from engine.shared.counters import FREE_MAX, HELD_MAX, CounterRow
from tests.support.claims import COUNTER, Desk

HOUR = 3_600_000


def test_as_many_claims_are_granted_as_there_are_places() -> None:
    desk = Desk(limit=2)

    assert [desk.gets(name) for name in "abc"] == [True, True, False]


def test_a_place_that_is_given_back_goes_to_the_next() -> None:
    desk = Desk(limit=1)
    desk.claim("a")
    desk.release("a")

    assert desk.gets("b")


def test_the_same_claim_again_has_the_same_place() -> None:
    desk = Desk(limit=1)
    first = desk.claim("a", at=5)
    again = desk.claim("a", at=9)

    assert isinstance(first, ClaimGranted)
    assert isinstance(again, ClaimGranted)
    assert (first.is_fresh, again.is_fresh) == (True, False)
    assert (again.grant, again.granted_at) == (first.number, 5)
    assert desk.row.taken_count == 1


def test_a_place_given_back_twice_is_one_place() -> None:
    desk = Desk(limit=2)
    desk.claim("a")
    desk.claim("b")
    desk.release("a").release("a")

    assert [desk.gets(name) for name in "cd"] == [True, False]


def test_a_late_release_does_not_free_what_was_claimed_anew() -> None:
    desk = Desk(limit=1)
    old = desk.claim("a")
    desk.release("a")
    desk.claim("a")
    assert isinstance(old, ClaimGranted)
    desk.granted["a"] = old

    desk.release("a")

    assert not desk.gets("b")


def test_a_place_is_free_when_its_window_has_passed_and_not_before() -> None:
    desk = Desk(limit=1, window_ms=HOUR)
    desk.claim("a", at=0)

    assert not desk.gets("b", at=HOUR - 1)
    assert desk.gets("b", at=HOUR)


def test_without_a_window_a_place_is_taken_for_good() -> None:
    desk = Desk(limit=1)
    desk.claim("a", at=0)

    assert not desk.gets("b", at=1_000 * HOUR)


def test_a_refusal_says_when_the_window_frees_a_place() -> None:
    desk = Desk(limit=2, window_ms=HOUR)
    desk.claim("a", at=10)
    desk.claim("b", at=20)

    refused = desk.claim("c", at=30)

    assert isinstance(refused, ClaimRefused)
    assert refused.free_at == 10 + HOUR


def test_a_limit_made_smaller_says_when_enough_places_are_free() -> None:
    desk = Desk(limit=2, window_ms=HOUR)
    desk.claim("a", at=10)
    desk.claim("b", at=20)

    refused = desk.claim("c", at=30, limit=1)

    assert isinstance(refused, ClaimRefused)
    assert refused.free_at == 20 + HOUR


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_of_nothing_grants_nothing(limit: int) -> None:
    refused = Desk(limit=limit, window_ms=HOUR).claim("a")

    assert isinstance(refused, ClaimRefused)
    assert refused.free_at is None


def test_a_record_that_is_earlier_than_the_last_counts_as_logged_with_it() -> None:
    desk = Desk(limit=1, window_ms=HOUR)
    desk.claim("a", at=HOUR)

    assert not desk.gets("b", at=0)
    assert desk.row.now_at == HOUR


def test_many_grants_are_folded_and_still_counted() -> None:
    desk = Desk(limit=HELD_MAX + 10)
    for number in range(HELD_MAX + 10):
        assert desk.gets(f"c{number}", at=number)

    assert not desk.gets("one more", at=HELD_MAX + 10)
    assert (len(desk.row.held), desk.row.taken_count) == (HELD_MAX, HELD_MAX + 10)


def test_a_folded_place_can_be_given_back() -> None:
    desk = Desk(limit=HELD_MAX + 2)
    for number in range(HELD_MAX + 2):
        desk.claim(f"c{number}", at=number)

    desk.release("c0", at=HELD_MAX)

    assert desk.gets("another", at=HELD_MAX + 2)


def test_a_folded_place_whose_window_has_passed_is_not_given_back() -> None:
    desk = Desk(limit=HELD_MAX + 2, window_ms=HOUR)
    step = HOUR // counters.BUCKETS
    desk.claim("early", at=0)
    for number in range(HELD_MAX + 1):
        desk.claim(f"c{number}", at=step - 1)
    assert desk.row.folded[0].count == 2

    desk.release("early", at=HOUR)

    assert desk.row.folded[0].count == 2


def test_a_row_stays_small_however_much_is_claimed() -> None:
    desk = Desk(limit=10**9, window_ms=30 * 24 * HOUR)
    for number in range(2 * HELD_MAX):
        desk.claim(f"c{number}", at=number * HOUR // 3)

    assert len(msgspec.msgpack.encode(desk.row)) < 32 * 1024


def test_buckets_are_bounded_though_the_window_changes_all_the_time() -> None:
    row = CounterRow(window_ms=1)
    for number in range(HELD_MAX + 1_000):
        counters.hold(row, str(number).encode(), counters.Grant(number, number))

    assert len(row.folded) <= 2 * counters.BUCKETS
    assert row.taken_count == HELD_MAX + 1_000


def test_a_record_whose_cause_was_met_changes_nothing() -> None:
    row = CounterRow()
    arrival = SharedArrival(
        counter=COUNTER, event=claimed("a"), logged_at=0, cause=Cause("events/0", 7, 0)
    )
    answering.advance(row, arrival)

    assert answering.advance(row, arrival) == "cause"


def test_an_answer_goes_to_the_customer_as_a_command() -> None:
    arrival = SharedArrival(counter=COUNTER, event=claimed("a"), logged_at=0)

    found = answering.advance(CounterRow(), arrival)

    assert not isinstance(found, str)
    [emission] = found
    assert (emission.topic, emission.key, emission.kind) == ("events", "u:c", "command")
    assert msgspec.json.decode(emission.value, type=ClaimAnswer).counter == COUNTER


def test_a_rewrite_changes_no_place() -> None:
    desk = Desk(limit=1)
    desk.claim("a")
    rewrite = CounterRewriteRequested(id="r", occurred_at=0)

    found = answering.advance(desk.row, SharedArrival(counter=COUNTER, event=rewrite, logged_at=0))

    assert (found, desk.row.taken_count) == ([], 1)


def test_a_copy_is_advanced_without_the_row() -> None:
    desk = Desk(limit=5)
    desk.claim("a")
    copy = counters.copied(desk.row)

    desk.claim("b")

    assert copy.taken_count == 1


@pytest.mark.parametrize("key", [b"campaign:c:limit", b"address:0f:daily", "pool:Ö".encode()])
def test_a_counters_key_says_what_is_counted(key: bytes) -> None:
    assert counters.key_of(key) == key.decode()


@pytest.mark.parametrize("key", [b"", b"u:anna", b"campaign", b"campaign:", b"\xff", b"=owner"])
def test_a_key_of_anybody_else_is_refused(key: bytes) -> None:
    with pytest.raises(RejectedError, match="the key"):
        counters.key_of(key)


def claimed(claim_id: str) -> Claimed:
    return Claimed(id="i", occurred_at=0, claim_id=claim_id, customer="u:c", number=1, limit=1)


def places(desk: Desk, *names: str) -> list[int | None]:
    found = [desk.claim(name) for name in names]
    return [one.place if isinstance(one, ClaimGranted) else None for one in found]


def test_numbered_places_are_told_apart() -> None:
    desk = Desk(limit=3, is_numbered=True)

    assert places(desk, "a", "b", "c", "d") == [0, 1, 2, None]


def test_a_numbered_place_that_was_given_back_is_the_next_ones() -> None:
    desk = Desk(limit=3, is_numbered=True)
    places(desk, "a", "b", "c")
    desk.release("b")

    assert places(desk, "d", "e") == [1, None]


def test_a_numbered_claim_again_has_its_place_again() -> None:
    desk = Desk(limit=3, is_numbered=True)

    assert places(desk, "a", "b", "a") == [0, 1, 0]


def test_how_many_are_left_is_told_with_each_place() -> None:
    desk = Desk(limit=2, is_numbered=True)
    found = [desk.claim(name) for name in "ab"]

    assert [one.left_count for one in found if isinstance(one, ClaimGranted)] == [1, 0]


def test_more_places_given_back_than_are_remembered_stay_unused() -> None:
    """A code may be lost so; none is issued twice."""
    desk = Desk(limit=FREE_MAX + 2, is_numbered=True)
    names = [f"c{number}" for number in range(HELD_MAX)]
    given = places(desk, *names)
    desk.row.free = list(range(2 * FREE_MAX, 3 * FREE_MAX))
    for name in names:
        desk.release(name)

    assert len(desk.row.free) == FREE_MAX
    assert not set(desk.row.free) & set(given)


def test_a_numbered_place_that_was_folded_is_never_granted_again() -> None:
    desk = Desk(limit=HELD_MAX + 2, is_numbered=True)
    first = places(desk, *(f"c{number}" for number in range(HELD_MAX + 1)))
    desk.release("c0")

    assert places(desk, "more", "none") == [HELD_MAX + 1, None]
    assert first[0] == 0
