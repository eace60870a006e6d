"""New definitions while their past is filled in: nobody is judged by half of what they did."""

import msgspec
import pytest

from engine.commands import Reassessed
from engine.events import Tracked
from tests.support.journeys import MAILS, journey, mail
from tests.support.story import MINUTE, Book, Story
from tests.support.warming import WarmingBook

LOOKED = {"op": "did", "event": "Looked", "is": ">=", "value": 2}
NEVER = {"op": "never_did", "event": "Looked"}
SELDOM = {"op": "not", "of": LOOKED}
INSIDE = {"op": "in_segment", "segment": "s"}


def book(*, made_warm: bool = True) -> Book:
    found = WarmingBook() if made_warm else Book()
    for name in MAILS:
        found.change("templates", name, "put", {"id": name, "subject": name, "text": name})
    return found


def segment(found: Book, rule: object) -> Book:
    return found.change("segments", "s", "put", {"id": "s", "rule": rule})


def campaign(kind: str = "T37", **more: object) -> dict[str, object]:
    params: dict[str, object] = {"segment": "s"} if kind == "T37" else {}
    trigger = {"type": kind, "params": params, **more}
    return journey({"one": mail("first")}, trigger=trigger)


def filled(found: Book) -> Book:
    assert isinstance(found, WarmingBook)
    return found.filled()


def under(story: Story, found: Book) -> Story:
    """From here on these definitions go."""
    story.definitions = found.definitions
    return story


def looks(story: Story, *, at: int) -> Story:
    return story.event(Tracked(id=f"l-{at}", occurred_at=at * MINUTE, name="Looked"))


def asks(story: Story, *, at: int) -> Story:
    return story.event(Tracked(id=f"a-{at}", occurred_at=at * MINUTE, name="Asked"))


def reassessed(story: Story, *, at: int) -> Story:
    return story.event(Reassessed(id=f"r-{at}", occurred_at=at * MINUTE))


def told_past(story: Story, found: Book, *, count: int, at: int) -> Story:
    assert isinstance(found, WarmingBook)
    [name] = found.definitions.demands
    return story.event(found.past({name: count}, at=at))


def told(story: Story) -> list[tuple[str, str]]:
    return [(one.kind, one.origin) for one in story.changes if one.name == "s"]


def test_while_it_warms_nobody_is_let_in_and_then_by_the_definition() -> None:
    found = segment(book(), LOOKED)
    story = under(looks(Story(), at=1), found)
    told_past(looks(story, at=2), found, count=1, at=3)
    assert told(story) == []

    reassessed(under(story, filled(found)), at=4)

    assert told(story) == [("segment_entered", "definition")]


@pytest.mark.parametrize("rule", [NEVER, SELDOM, {"op": "none", "of": [LOOKED]}])
def test_what_is_not_known_yet_is_not_never(rule: object) -> None:
    found = segment(book(), rule)
    story = asks(Story(), at=1)
    reassessed(under(story, found), at=2)
    assert told(story) == []

    reassessed(under(story, filled(found)), at=3)

    assert told(story) == [("segment_entered", "definition")]


def test_members_stay_while_a_changed_rule_warms() -> None:
    """Out and in again would be a flood of what nobody did."""
    found = segment(book(), {"op": "did", "event": "Looked", "is": ">=", "value": 1})
    found = filled(found).publish(campaign(params={"segment": "s", "on_activate": "include"}))
    story = looks(under(Story().consents(), found), at=1)
    assert (told(story), story.sent) == ([("segment_entered", "event")], ["first"])

    segment(found, {"op": "did", "event": "Asked", "is": ">=", "value": 1})
    reassessed(under(story, found), at=3)
    told_past(story, found, count=1, at=4)
    assert told(story)[1:] == []

    reassessed(under(story, filled(found)), at=5)

    assert told(story)[1:] == []
    assert story.sent == ["first"]


def test_t37_fires_for_nobody_whom_a_backfill_finds() -> None:
    found = segment(book(), LOOKED).publish(campaign())
    story = looks(looks(Story().consents(), at=1), at=2)
    told_past(under(story, found), found, count=2, at=3)

    looks(reassessed(under(story, filled(found)), at=4), at=5)

    assert told(story) == [("segment_entered", "definition")]
    assert story.sent == []


def test_t37_fires_once_for_whom_a_backfill_finds_where_it_is_asked_to() -> None:
    params = {"segment": "s", "on_activate": "include"}
    found = segment(book(), LOOKED).publish(campaign(params=params))
    story = looks(looks(Story().consents(), at=1), at=2)
    told_past(under(story, found), found, count=2, at=3)

    looks(reassessed(under(story, filled(found)), at=4), at=5)

    assert story.sent == ["first"]


def test_t37_fires_for_who_enters_after_the_past_is_known() -> None:
    found = segment(book(), LOOKED).publish(campaign())
    story = looks(Story().consents(), at=1)
    told_past(under(story, found), found, count=1, at=3)

    looks(under(story, filled(found)), at=5)

    assert told(story) == [("segment_entered", "event")]
    assert story.sent == ["first"]


def test_t39_takes_what_a_backfill_brings_for_no_crossing() -> None:
    found = book().change(
        "metrics", "m", "put", {"id": "m", "aggregate": "count", "event": "Looked"}
    )
    trigger = {"type": "T39", "params": {"metric": "m", "value": 2}}
    found = found.publish(journey({"one": mail("first")}, trigger=trigger))
    story = under(looks(looks(Story().consents(), at=1), at=2), found)
    assert isinstance(found, WarmingBook)
    story.event(found.past({"m": 2}, at=3))

    looks(under(story, filled(found)), at=4)

    assert story.row.customer.tallies["m"].cells[0].count == 3
    assert story.sent == []


@pytest.mark.parametrize("name", ["audience", "exclude"])
@pytest.mark.parametrize(
    "rule",
    [
        LOOKED,
        SELDOM,
        {"op": "none", "of": [LOOKED]},
        {"op": "any", "of": [INSIDE, {"op": "not", "of": INSIDE}]},
    ],
)
def test_a_trigger_lets_nobody_in_by_what_is_not_known_yet(name: str, rule: object) -> None:
    found = segment(book(), LOOKED)
    trigger = {"type": "T31", "params": {"event": "Asked"}, name: rule}
    found.publish(journey({"one": mail("first")}, trigger=trigger))
    story = asks(under(Story().consents(), found), at=1)

    assert story.sent == []
    reason = {"audience": "not_in_audience", "exclude": "excluded"}[name]
    assert story.reasons == ["fired", f"not_sent: {reason}"]


def test_a_backfill_that_was_withdrawn_leaves_what_counts_alone() -> None:
    found = segment(book(), LOOKED)
    found.change("segments", "s", "delete")

    assert found.definitions.demands == {}


def test_without_a_backfill_it_counts_from_its_saving_on() -> None:
    found = segment(book(made_warm=False), LOOKED)
    story = looks(looks(under(Story(), found), at=1), at=2)

    assert told(story) == [("segment_entered", "event")]
    assert not any(entry.is_warming for entry in found.definitions.demands.values())


def test_an_explanation_says_that_it_was_not_known_yet() -> None:
    found = book()
    trigger = {"type": "T31", "params": {"event": "Asked"}, "audience": SELDOM}
    found.publish(journey({"one": mail("first")}, trigger=trigger))
    story = asks(under(Story().consents(), found), at=1)

    [refused] = [one for one in story.facts if one.reason == "not_in_audience"]
    assert refused.why is not None
    [asked] = refused.why.rules
    assert (asked.verdict, list((asked.operands or {}).values())) == (False, [{"warming": True}])
    assert msgspec.json.decode(msgspec.json.encode(asked.operands)) == asked.operands
