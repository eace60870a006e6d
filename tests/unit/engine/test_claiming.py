import msgspec
import pytest

from engine import claiming, claims, erasing, keys, people, rows
from engine.claims import Claimed, ClaimGranted, ClaimRefused, Released, SharedEvent
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.effects import AbandonClaim, ClaimShared, Effect, ReleaseShared
from engine.emissions import Emission
from engine.events import ErasureRequested, Event, TimerFired
from engine.mergers import Moved, ReleaseRequested
from engine.rows import Arrival, Cause, Row
from engine.step import Decision

COUNTER = "campaign:c:limit"


@pytest.fixture(autouse=True)
def _takers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever claimed takes what is granted: no campaign does, of these customers."""

    def step(customer: Customer, *_: object) -> Decision:
        return Decision(customer, [])

    monkeypatch.setattr(rows, "step", step)


class Waiter:
    """A customer's row, told effects as a step would return them."""

    def __init__(self, key: str = "u:c") -> None:
        self.row = rows.blank(key)
        self.said: list[SharedEvent] = []

    def does(self, effect: Effect, *, now: int = 0) -> None:
        """Carry out an effect."""
        self._keep(rows._carried_out(self.row, effect, now=now))

    def claims(self, claim_id: str = "x", *, now: int = 0) -> Claimed:
        """Ask for the only place."""
        effect = ClaimShared(claim_id=claim_id, counter=COUNTER, limit=1, timeout_ms=1_000)
        self.does(effect, now=now)
        claim = self.said[-1]
        assert isinstance(claim, Claimed)
        return claim

    def hears(self, event: Event, *, at: int = 0, cause: Cause | None = None) -> str | None:
        """Apply an event; why it was ignored, if it was."""
        arrival = Arrival(event=event, logged_at=at, cause=cause)
        found = erasing.advance(self.row, arrival, Definitions())
        if isinstance(found, str):
            return found
        self._keep(found)
        return None

    @property
    def released(self) -> list[int]:
        """Grants given back so far."""
        return [event.grant for event in self.said if isinstance(event, Released)]

    def _keep(self, found: list[Emission]) -> None:
        self.said += [
            msgspec.json.decode(one.value, type=SharedEvent)
            for one in found
            if one.topic == "shared"
        ]


def granted(claim: Claimed, *, grant: int | None = None) -> ClaimGranted:
    return ClaimGranted(
        id="g",
        occurred_at=0,
        claim_id=claim.claim_id,
        counter=COUNTER,
        number=claim.number,
        grant=claim.number if grant is None else grant,
        granted_at=7,
    )


def refused(claim: Claimed) -> ClaimRefused:
    return ClaimRefused(
        id="r", occurred_at=0, claim_id=claim.claim_id, counter=COUNTER, number=claim.number
    )


def timed_out(waiter: Waiter, claim_id: str = "x") -> TimerFired:
    name = claims.TIMER + claim_id
    timer = waiter.row.timers[name]
    return TimerFired(id="t", occurred_at=timer.due_at, timer_id=name, generation=timer.generation)


def test_a_claim_goes_to_its_counter_and_is_waited_for_under_a_timer() -> None:
    waiter = Waiter()

    claim = waiter.claims(now=5)

    assert (claim.customer, claim.limit) == ("u:c", 1)
    assert list(waiter.row.claims) == ["x"]
    assert waiter.row.timers["claim:x"].due_at == 1_005


@pytest.mark.parametrize("answer", [granted, refused])
def test_an_answer_ends_the_wait(answer: type) -> None:
    waiter = Waiter()
    waiter.hears(answer(waiter.claims()))

    assert (waiter.row.claims, waiter.row.timers, waiter.released) == ({}, {}, [])


def test_a_grant_that_comes_too_late_is_given_back() -> None:
    waiter = Waiter()
    claim = waiter.claims()
    waiter.hears(timed_out(waiter), at=1_000)

    waiter.hears(granted(claim), at=1_001)

    assert waiter.released == [claim.number]


def test_a_refusal_that_comes_too_late_is_no_news() -> None:
    waiter = Waiter()
    claim = waiter.claims()
    waiter.hears(timed_out(waiter), at=1_000)
    waiter.hears(refused(claim), at=1_001)

    assert waiter.released == []


def test_a_grant_of_an_abandoned_claim_is_given_back() -> None:
    waiter = Waiter()
    claim = waiter.claims()
    waiter.does(AbandonClaim(claim_id="x"))
    waiter.hears(granted(claim))

    assert (waiter.released, waiter.row.timers) == ([claim.number], {})


def test_a_grant_of_the_first_try_serves_the_second() -> None:
    waiter = Waiter()
    first, second = waiter.claims(), waiter.claims()

    waiter.hears(granted(first))
    waiter.hears(granted(second, grant=first.number))

    assert (waiter.row.claims, waiter.released) == ({}, [])


def test_a_refusal_of_the_first_try_leaves_the_second_waiting() -> None:
    waiter = Waiter()
    first, _ = waiter.claims(), waiter.claims()
    waiter.hears(refused(first))

    assert list(waiter.row.claims) == ["x"]


def test_a_repeated_grant_serves_only_the_try_it_answers() -> None:
    waiter = Waiter()
    first, second, _ = waiter.claims(), waiter.claims(), waiter.claims()

    waiter.hears(granted(second, grant=first.number))

    assert list(waiter.row.claims) == ["x"]


def test_who_has_the_place_already_is_told_so() -> None:
    waiter = Waiter()
    first = waiter.claims()
    waiter.hears(granted(first))
    again = waiter.claims()

    waiter.hears(granted(again, grant=first.number))

    assert (waiter.row.claims, waiter.released) == ({}, [])


def test_giving_a_place_back_ends_a_wait_for_it() -> None:
    waiter = Waiter()
    first = waiter.claims()
    waiter.hears(granted(first))
    again = waiter.claims()
    waiter.does(ReleaseShared(claim_id="x", counter=COUNTER, grant=first.number, granted_at=7))

    waiter.hears(granted(again, grant=first.number))

    assert (waiter.row.claims, waiter.released) == ({}, [first.number])


def test_no_two_claims_of_a_row_have_one_number() -> None:
    waiter = Waiter()
    numbers = [waiter.claims(name).number for name in ("x", "y", "x", "y")]

    assert numbers == sorted(set(numbers))


def test_the_oldest_wait_ends_when_there_are_too_many() -> None:
    waiter = Waiter()
    for number in range(claiming.CLAIMS_MAX + 1):
        waiter.claims(str(number), now=5)

    assert len(waiter.row.claims) == claiming.CLAIMS_MAX
    assert "0" not in waiter.row.claims
    assert waiter.row.timers["claim:0"].due_at == 5


def test_waits_cost_a_hundred_bytes_each() -> None:
    waiter = Waiter()
    for number in range(claiming.CLAIMS_MAX):
        waiter.claims(f"{number:032}")

    assert len(msgspec.msgpack.encode(waiter.row.claims)) < 100 * claiming.CLAIMS_MAX


def test_a_wait_goes_with_the_customer_into_a_merge() -> None:
    """The answer comes to the weaker identity, which passes it on."""
    weaker, stronger = Waiter("a:d"), Waiter("u:c")
    claim = weaker.claims()
    asked = ReleaseRequested(id="m", occurred_at=0, merge_id="m", survivor="u:c", merges_count=0)
    [moved] = events_of(weaker.row, asked)
    [] = events_of(stronger.row, moved)

    [passed_on] = events_of(weaker.row, granted(claim))
    stronger.hears(passed_on)

    assert isinstance(moved, Moved)
    assert (stronger.row.claims, stronger.row.timers, stronger.released) == ({}, {}, [])


def test_after_a_merge_no_number_of_the_weaker_identity_is_used_again() -> None:
    weaker, stronger = Waiter("a:d"), Waiter("u:c")
    for name in "abc":
        last = weaker.claims(name)
    asked = ReleaseRequested(id="m", occurred_at=0, merge_id="m", survivor="u:c", merges_count=0)
    [moved] = events_of(weaker.row, asked)
    events_of(stronger.row, moved)

    assert stronger.claims("d").number > last.number


def test_a_grant_for_an_erased_customer_is_given_back_once() -> None:
    waiter = Waiter()
    claim = waiter.claims()
    waiter.hears(ErasureRequested(id="x", occurred_at=0))
    cause = Cause("shared/0", 3, 0)

    told = [waiter.hears(granted(claim), cause=cause) for _ in range(2)]

    assert (told, waiter.released) == ([None, "cause"], [claim.number])


def test_a_grant_taken_before_an_erasure_is_not_given_back_when_it_is_repeated() -> None:
    waiter = Waiter()
    cause = Cause("shared/0", 3, 0)
    answer = granted(waiter.claims())
    waiter.hears(answer, cause=cause)
    waiter.hears(ErasureRequested(id="x", occurred_at=0))

    assert waiter.hears(answer, cause=cause) == "cause"
    assert waiter.released == []


def events_of(row: Row, event: Event) -> list[Event]:
    found = people.advance(row, Arrival(event=event, logged_at=0), Definitions())
    assert not isinstance(found, str)
    return [msgspec.json.decode(e.value, type=Event) for e in found if e.topic == "events"]


def test_the_claimant_is_the_rows_own_identity() -> None:
    waiter = Waiter("e:c@example.com")

    assert waiter.claims().customer == keys.from_public_id("email:c@example.com")
