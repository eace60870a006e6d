"""A campaign's row of `shared` speaks once of each revision that failed."""

import msgspec

from engine import faults
from engine.claims import Claimed, Guard
from engine.definitions import publishing
from engine.definitions.changes import Change
from engine.definitions.failures import Failure
from engine.definitions.publishing import Paused, Tripped
from engine.emissions import Emission
from engine.faults import CampaignFailed
from engine.rows import Cause
from engine.shared import answering
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow

COUNTER = faults.counter("cart")


def failed(*, revision: int = 2, event: str = "e1") -> CampaignFailed:
    return CampaignFailed(
        id=f"f{event}",
        occurred_at=5,
        campaign="cart",
        version=1,
        revision=revision,
        place="steps.count",
        code="not_computable",
        event=event,
    )


def hears(row: CounterRow, event: CampaignFailed, *, at: int = 7, n: int = 0) -> list[Change]:
    cause = Cause("events/0", at, n)
    arrival = SharedArrival(counter=COUNTER, event=event, logged_at=at, cause=cause)
    found = answering.advance(row, arrival)
    assert not isinstance(found, str)
    assert all((one.topic, one.key) == ("definitions", "campaigns/cart") for one in found)
    return [msgspec.json.decode(one.value, type=Change) for one in found]


def test_a_revision_that_failed_is_said_to_the_log_of_definitions() -> None:
    [change] = hears(CounterRow(), failed(), at=7)

    assert (change.kind, change.id, change.action, change.based_on) == (
        "campaigns",
        "cart",
        "fail",
        2,
    )
    assert (change.at, change.by) == (7, "oncue")
    said = msgspec.json.decode(change.body, type=Failure)
    assert said == Failure(version=1, place="steps.count", code="not_computable", event="e1", at=7)


def test_thousands_who_meet_the_same_fault_are_one_change() -> None:
    row = CounterRow()

    found = [hears(row, failed(event=f"e{n}"), at=n) for n in range(1_000)]

    assert sum(len(one) for one in found) == 1


def test_a_newer_revision_may_fail_again_and_an_older_one_says_nothing() -> None:
    row = CounterRow()
    hears(row, failed(revision=4))

    assert hears(row, failed(revision=3, event="zombie"), at=8) == []
    assert [one.based_on for one in hears(row, failed(revision=6, event="new"), at=9)] == [6]


def claimed(number: int, *, revision: int = 2) -> Claimed:
    said = Guard(campaign="cart", revision=revision, trigger="t", per="1h")
    return Claimed(
        id=f"c{number}",
        occurred_at=5,
        claim_id=f"x{number}",
        customer="u:ann",
        number=number,
        limit=3,
        window_ms=3_600_000,
        guard=said,
    )


def test_a_guard_that_is_full_pauses_its_campaign_once() -> None:
    row, found = CounterRow(), []

    for number in range(50):
        arrival = SharedArrival(counter=COUNTER, event=claimed(number), logged_at=number)
        answers = answering.advance(row, arrival)
        found += [one for one in answers if isinstance(one, Emission) and one.topic != "events"]

    [change] = [msgspec.json.decode(one.value, type=Change) for one in found]
    assert (change.action, change.based_on, change.at) == ("pause", 2, 3)
    assert publishing.decode(bytes(change.body), Paused).guard == Tripped(
        trigger="t", entries=3, per="1h", at=3
    )


def test_the_record_met_again_by_its_cause_says_nothing() -> None:
    row = CounterRow()
    hears(row, failed(), at=7)
    arrival = SharedArrival(
        counter=COUNTER, event=failed(), logged_at=9, cause=Cause("events/0", 7, 0)
    )

    assert answering.advance(row, arrival) == "cause"
