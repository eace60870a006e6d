"""Points as a step and as a rule, with a ledger (X07, M011, M030)."""

from typing import Any

import msgspec
import pytest

from engine.customer import Customer
from engine.definitions import changes
from engine.errors import InvalidDefinitionError
from engine.events import Event
from engine.points import PointsChanged
from engine.splitting import Decided
from tests.support import unmerging
from tests.support.crowd import Crowd
from tests.support.journeys import (
    book,
    delay,
    fired,
    journey,
    mail,
    opens_lookbook,
    set_up,
    told,
)
from tests.support.story import MINUTE, Story

DAY = 24 * 60
BALANCE = {"op": "metric", "name": "points_balance", "is": ">="}


def gift(amount: int, then: str | None = None, **fields: object) -> dict[str, object]:
    return {"type": "points", "amount": amount, "next": then, **fields}


def opens() -> dict[str, object]:
    return {"type": "T31", "params": {"event": "Lookbook Opened"}}


def given(amount: int, *, at: int, until: int | None = None, name: str = "") -> Event:
    return PointsChanged(
        id=name or f"p{at}",
        occurred_at=at * MINUTE,
        amount=amount,
        reason="sorry",
        expires_at=None if until is None else until * MINUTE,
    )


def left(customer: Customer) -> list[tuple[int, int]]:
    return [(one.amount, one.left) for one in customer.points]


def told_points(story: Story) -> list[tuple[str, str | None, str | None]]:
    return [
        (fact.origin, fact.before, fact.after)
        for fact in story.changes
        if fact.kind == "points_changed"
    ]


def test_a_step_gives_points_once_for_each_run() -> None:
    body = journey({"gift": gift(100, "day"), "day": delay("1d", None)}, trigger=opens())
    story = opens_lookbook(told(body), at=1).wait(until=2 * DAY)
    opens_lookbook(story, at=3 * DAY)

    assert left(story.row.customer) == [(100, 100), (100, 100)]
    assert told_points(story) == [("campaign", "0", "100"), ("campaign", "100", "200")]


def test_each_round_of_a_loop_gives_again() -> None:
    steps = {
        "gift": gift(5, "day"),
        "day": delay("1d", "again"),
        "again": {"type": "loop", "to": "gift", "max_turns": 2, "next": None},
    }
    story = opens_lookbook(told(journey(steps, trigger=opens())), at=1).wait(until=9 * DAY)

    assert left(story.row.customer) == [(5, 5)] * 3


def test_the_fact_says_the_step_and_the_reason() -> None:
    body = journey({"gift": gift(100, reason="Welcome")}, trigger=opens())
    story = opens_lookbook(told(body), at=1)

    [fact] = [fact for fact in story.changes if fact.kind == "points_changed"]

    assert (fact.campaign, fact.version, fact.step) == ("cart-reminder", 1, "gift")
    assert (fact.name, fact.cause) == ("Welcome", "lookbook-1")


def test_points_are_taken_from_whoever_has_them_and_others_go_elsewhere() -> None:
    steps = {"pay": gift(-80, "yes", otherwise="no"), "yes": mail("first"), "no": mail("second")}
    rich = told(journey(steps, trigger=opens())).event(given(100, at=0))
    poor = told(journey(steps, trigger=opens())).event(given(79, at=0))

    opens_lookbook(rich, at=1)
    opens_lookbook(poor, at=1)

    assert (rich.sent, left(rich.row.customer)) == (["first"], [(100, 20), (-80, 0)])
    assert (poor.sent, left(poor.row.customer)) == (["second"], [(79, 79)])


def test_points_of_a_step_expire() -> None:
    steps = {
        "gift": gift(100, "wait", expires_in="2d"),
        "wait": delay("2d", "ask"),
        "ask": {"type": "filter", "if": {**BALANCE, "value": 1}, "next": "has", "otherwise": "no"},
        "has": mail("first"),
        "no": mail("second"),
    }

    story = opens_lookbook(told(journey(steps, trigger=opens())), at=1).wait(until=3 * DAY)

    assert story.sent == ["second"]


def test_who_is_held_out_gets_none() -> None:
    """The control group is what would have been without: its members keep what they have."""
    body = journey(
        {"gift": gift(100, "pay"), "pay": gift(-5, "mail"), "mail": mail("first")},
        trigger=opens(),
        holdout={"audience": {"op": "attr", "path": "email", "is": "exists"}},
    )
    story = opens_lookbook(told(body).event(given(7, at=0)), at=1)

    assert left(story.row.customer) == [(7, 7)]
    assert "entered" in story.reasons


def test_a_segment_of_points_is_left_the_instant_they_expire() -> None:
    """M030: by a timer of the row, with no event."""
    written = book(journey({"one": mail("first")}, trigger=opens()))
    rule = {**BALANCE, "value": 100}
    body = {"id": "rich", "mode": "live", "rule": rule}
    story = Story(written.change("segments", "rich", "put", body).definitions)

    story.event(given(100, at=1, until=DAY))
    assert [fact.kind for fact in story.changes if fact.name == "rich"] == ["segment_entered"]
    story.wait(until=DAY - 1)
    assert len([fact for fact in story.changes if fact.name == "rich"]) == 1
    story.wait(until=DAY)

    [_, last] = [fact for fact in story.changes if fact.name == "rich"]
    assert (last.kind, last.at, last.origin) == ("segment_left", DAY * MINUTE, "time")


def test_what_expired_is_told_with_the_next_entry() -> None:
    story = Story().event(given(100, at=1, until=DAY)).event(given(10, at=2))

    story.event(given(1, at=2 * DAY))

    assert told_points(story)[2:] == [("expired", "110", "10"), ("operator", "10", "11")]
    expired = next(fact for fact in story.changes if fact.origin == "expired")
    assert expired.at == DAY * MINUTE


def test_an_operators_points_are_entered_once() -> None:
    story = Story().event(given(10, at=1, name="sorry")).wait(until=40 * DAY)

    story.event(given(10, at=40 * DAY, name="sorry"))

    assert left(story.row.customer) == [(10, 10)]
    assert len(told_points(story)) == 1


@pytest.mark.parametrize(("action", "count"), [("accrued", 1), ("spent", 1)])
def test_t40_points_come_or_go(action: str, count: int) -> None:
    story = set_up("T40", {"kind": "points", "action": action, "min_amount": "50"})
    story.event(given(100, at=1)).event(given(-60, at=2)).event(given(-10, at=3))

    assert fired(story) == count


def test_t40_points_that_expire_were_not_spent() -> None:
    story = set_up("T40", {"kind": "points", "action": "spent"})
    story.event(given(100, at=1, until=5)).event(given(1, at=10))

    assert fired(story) == 0


def test_t39_a_step_of_another_campaign_brings_points_over_a_threshold() -> None:
    crossing = {
        "type": "T39",
        "params": {"metric": "points_balance", "value": "100"},
    }
    reward = {**journey({"one": mail("first")}, trigger=crossing), "id": "reward"}
    written = book(journey({"gift": gift(100)}, trigger=opens())).publish(reward)
    story = Story(written.definitions).consents().event(given(1, at=0))

    opens_lookbook(story, at=1)

    assert story.sent == ["first"]


def test_two_who_are_one_have_together_what_they_had() -> None:
    crowd = Crowd().says("a:d1", given(30, at=0, name="x")).says("u:ada", given(12, at=1, name="y"))
    crowd.identifies("u:ada", 5, device="d1").settle()

    assert left(crowd.row("u:ada").customer) == [(30, 30), (12, 12)]


def test_an_unmerge_gives_each_what_their_runs_gained() -> None:
    """Together they have what was there before: no point is lost or made."""
    crowd = Crowd().views("a:d1", at=0).says("u:ada", given(12, at=1)).settle()
    crowd.identifies("u:ada", 5, device="d1").settle()
    crowd.unmerges("u:ada", "a:d1")
    row = crowd.settle().row("u:ada")
    assert row.freeze is not None
    [own] = row.freeze.base.points
    theirs = msgspec.structs.replace(own, id="theirs", run="r1", campaign="c", origin="campaign")
    base = msgspec.structs.replace(row.freeze.base, points=(own, theirs))
    row.freeze = msgspec.structs.replace(row.freeze, base=base)

    split = unmerging.apart(row, crowd.happened, crowd.definitions, Decided(runs=frozenset({"r1"})))

    assert [state.customer.points for state in split] == [(own,), (theirs,)]


@pytest.mark.parametrize(
    ("step", "path"),
    [
        (gift(0), "amount"),
        (gift(10**9 + 1), "amount"),
        (gift(-(10**9) - 1), "amount"),
        (gift(1, reason="x" * 101), "reason"),
        (gift(1, expires_in="soon"), "expires_in"),
        (gift(-1, expires_in="1d"), "expires_in"),
        (gift(1, otherwise="gift"), "otherwise"),
    ],
)
def test_a_step_that_means_nothing_is_refused_with_its_place(
    step: dict[str, Any], path: str
) -> None:
    body = journey({"gift": step}, trigger=opens())

    with pytest.raises(InvalidDefinitionError) as refused:
        changes.decode_campaign(msgspec.json.encode(body))

    assert f"steps.gift.{path}" in [flaw.path for flaw in refused.value.flaws]
