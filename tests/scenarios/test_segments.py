"""Live segments: who enters and leaves, why, and what becomes of it when definitions change."""

import msgspec

from engine import memberships, rows
from engine.commands import Reassessed
from engine.customer import Customer
from engine.definitions.nesting import LIVE_MAX
from engine.definitions.segments import ID_CHARS_MAX
from engine.definitions.watches import CROSSINGS_MAX
from engine.events import Identified, Tracked
from engine.judging.leaves import Moment
from engine.memberships import Member, Memberships
from engine.segments import index
from engine.segments.screens import Both
from engine.suppressions import SuppressionChanged, hashed
from tests.scenarios.triggers.test_crossings import DAY, buys, segment, under
from tests.support.story import MINUTE, Book, Story

GOLD = {"op": "attr", "path": "plan", "value": "gold"}
LOOKED = {"op": "did", "event": "Looked", "is": ">=", "value": 1, "window": "1d"}
BOTH = {
    "op": "all",
    "of": [{"op": "in_segment", "segment": "gold"}, {"op": "in_segment", "segment": "looked"}],
}


def living(**rules: object) -> Story:
    found = Book()
    for name, rule in rules.items():
        segment(found, rule, name=name)
    return Story(found.definitions)


def plans(story: Story, plan: str, *, at: int) -> Story:
    return story.event(Identified(id=f"p-{at}", occurred_at=at * MINUTE, traits={"plan": plan}))


def looks(story: Story, *, at: int) -> Story:
    return story.event(Tracked(id=f"l-{at}", occurred_at=at * MINUTE, name="Looked"))


def reassesses(story: Story, *, at: int) -> Story:
    return story.event(Reassessed(id=f"a-{at}", occurred_at=at * MINUTE))


def moves(story: Story) -> list[tuple[str, str, str, int]]:
    return [
        (one.kind.removeprefix("segment_"), one.name, one.origin, one.at // MINUTE)
        for one in story.changes
        if one.kind in {"segment_entered", "segment_left"}
    ]


def members(story: Story) -> list[str]:
    return sorted(story.row.customer.segments.inside)


def test_x31_an_event_lets_a_customer_in_and_out_with_a_fact_of_each() -> None:
    story = plans(plans(living(gold=GOLD), "gold", at=1), "iron", at=2)

    assert moves(story) == [("entered", "gold", "event", 1), ("left", "gold", "event", 2)]
    assert [(one.version, one.cause) for one in story.changes] == [(1, "p-1"), (1, "p-2")]


def test_time_alone_lets_a_customer_out_when_it_is_due() -> None:
    story = looks(living(looked=LOOKED), at=1).wait(until=2 * DAY)

    assert moves(story) == [("entered", "looked", "event", 1), ("left", "looked", "time", DAY)]
    assert story.row.timers == {}


def test_a_segment_of_segments_follows_them_in_the_same_event() -> None:
    story = plans(looks(living(gold=GOLD, looked=LOOKED, both=BOTH), at=1), "gold", at=2)
    assert members(story) == ["both", "gold", "looked"]

    story.wait(until=2 * DAY)

    assert members(story) == ["gold"]
    assert moves(story)[-2:] == [("left", "looked", "time", DAY), ("left", "both", "time", DAY)]


def test_a_changed_definition_reaches_who_is_quiet_by_a_command() -> None:
    found = Book().change("segments", "keen", "put", {"id": "keen", "rule": LOOKED})
    story = plans(Story(found.definitions), "gold", at=1)
    segment(found, GOLD)

    reassesses(under(story, found), at=5)

    assert moves(story) == [("entered", "keen", "definition", 5)]
    assert story.row.customer.segments.judged_at == found.definitions.watched.changed_at


def test_what_an_event_did_is_not_taken_for_what_a_definition_did() -> None:
    found = Book().change("segments", "keen", "put", {"id": "keen", "rule": LOOKED})
    story = plans(Story(found.definitions), "iron", at=1)
    segment(found, GOLD)

    plans(under(story, found), "gold", at=5)

    assert moves(story) == [("entered", "keen", "event", 5)]


def test_a_deleted_segment_has_no_members_any_more() -> None:
    found = Book().change("segments", "keen", "put", {"id": "keen", "rule": LOOKED})
    story = looks(Story(found.definitions), at=1)
    found.change("segments", "keen", "delete")

    reassesses(under(story, found), at=5)

    assert moves(story)[-1] == ("left", "keen", "definition", 5)
    assert (members(story), story.row.timers) == ([], {})


def test_a_computed_segment_is_not_kept_in_rows_and_still_asked_by_rules() -> None:
    found = Book().change("segments", "gold", "put", {"id": "gold", "rule": GOLD})
    found.change("segments", "slow", "put", {"id": "slow", "rule": GOLD, "mode": "computed"})
    segment(found, {"op": "in_segment", "segment": "slow"}, name="outer")

    assert members(plans(Story(found.definitions), "gold", at=1)) == ["gold", "outer"]


def test_words_alone_leave_rows_as_they_are() -> None:
    found = Book().change("segments", "gold", "put", {"id": "gold", "rule": GOLD})
    story = plans(Story(found.definitions), "gold", at=1)
    before = story.row.customer.segments
    found.change("segments", "gold", "put", {"id": "gold", "rule": GOLD, "name": "Gold"})

    looks(under(story, found), at=2)

    assert found.definitions.watched.changed_at == before.judged_at
    assert len(moves(story)) == 1


def test_nobody_becomes_somebody_by_being_judged() -> None:
    story = reassesses(living(poor={"op": "not", "of": GOLD}), at=1)

    assert (story.row.customer, story.changes) == (Customer(id="c"), [])


def test_two_people_who_are_one_are_judged_anew() -> None:
    rich = {"op": "metric", "name": "receipts_total", "is": ">=", "value": 100}
    one, other = living(rich=rich), living(rich=rich)
    buys(one, 60, at=1)
    buys(other, 60, at=2)
    both = memberships.joined(one.row.customer.segments, other.row.customer.segments)

    assert both.is_stale
    one.row.customer = msgspec.structs.replace(
        one.row.customer,
        segments=both,
        receipts=msgspec.structs.replace(one.row.customer.receipts, total=120),
    )
    assert moves(reassesses(one, at=3)) == [("entered", "rich", "event", 3)]


def met(story: Story, before: Customer, after: Customer) -> set[str]:
    """The segments that are judged because of what became of the customer."""
    now = story.row.now_at
    both = Both(*(Moment(one, now, story.definitions) for one in (before, after)))
    return index.of(story.definitions.watched).met(both)


def test_an_event_meets_only_the_segments_that_it_can_change() -> None:
    story = living(gold=GOLD, looked=LOOKED, both=BOTH)
    before = plans(story, "gold", at=1).row.customer
    after = looks(story, at=2).row.customer

    assert met(story, before, after) == {"looked", "both"}


def test_a_count_meets_only_the_thresholds_it_crosses_or_that_time_turns_later_for_it() -> None:
    at_least = {f"from{count}": {**LOOKED, "value": count} for count in (1, 2, 3, 4)}
    story = living(**at_least)
    customers = [looks(story, at=at).row.customer for at in (1, 2, 16)]

    assert met(story, *customers[:2]) == {"from2"}
    # The third view lies in another step of the window: the first two leave it before that one.
    assert met(story, *customers[1:]) == {"from1", "from3"}


def test_a_value_that_is_said_again_meets_nothing() -> None:
    story = living(gold=GOLD, iron={**GOLD, "value": "iron"}, zinc={**GOLD, "value": "zinc"})
    customers = [
        plans(story, plan, at=at).row.customer for at, plan in enumerate(["gold", "gold", "iron"])
    ]

    assert customers[0].attributes is not customers[1].attributes
    assert met(story, *customers[:2]) == set()
    assert met(story, *customers[1:]) == {"gold", "iron"}


def test_whether_an_address_is_suppressed_is_known_at_once() -> None:
    """SuppressionChanged is an event of the customer's row like any other."""
    story = living(shunned={"op": "attr", "path": "email_suppressed", "value": "all"})
    mail, address = "ada@example.com", hashed("email", "ada@example.com").hex()
    story.event(Identified(id="i", occurred_at=MINUTE, traits={"email": mail}))
    said = SuppressionChanged(
        id="s", occurred_at=2 * MINUTE, address=address, revision=1, scope="all", reason="complaint"
    )

    assert moves(story.event(said)) == [("entered", "shunned", "event", 2)]


def test_memberships_of_everything_there_may_be_are_within_their_bound() -> None:
    names = [f"{n:0{ID_CHARS_MAX}}" for n in range(LIVE_MAX)]
    watches = [f"\n{n:016}" for n in range(CROSSINGS_MAX)]
    now = 1_764_000_000_000
    full = Memberships(
        judged_at=10**6,
        inside={name: Member(now, 10**6) for name in (*names, *watches)},
        flips=dict.fromkeys((*names, *watches), now),
        next_at=now,
        cell="5-4-3",
        fired=dict.fromkeys(watches, now),
    )

    assert len(msgspec.msgpack.encode(full)) <= 26_000 < rows.ROW_MAX_BYTES / 8
