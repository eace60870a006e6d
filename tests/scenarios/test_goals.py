"""Goals of campaigns (X35): reached once for each run, inside it or after, with a value."""

from collections.abc import Mapping

import msgspec
import pytest

from engine.declarations import ProfileUpdated
from engine.definitions import changes
from engine.errors import InvalidDefinitionError
from engine.facts import Fact
from tests.support.journeys import SERIES, book, journey, mail, opens_lookbook, told
from tests.support.story import MINUTE, Story

HOUR = 60
DAY = 24 * HOUR

BOUGHT: dict[str, object] = {"id": "bought", "on": {"event": "Order Completed"}}
GOLD = {"op": "attr", "path": "plan", "is": "=", "value": "gold"}
SEEN = {"event": "Lookbook Opened"}


def aiming(*goals: Mapping[str, object]) -> Story:
    """Entered at minute 30; one mail, and the run is over."""
    body = journey({"one": mail("first")}, goals=goals)
    return told(body).adds("shoes", at=0).wait(until=30)


def reached(story: Story) -> list[Fact]:
    return [fact for fact in story.changes if fact.kind == "goal_reached"]


def test_a_goal_is_reached_after_the_last_mail_and_once_for_the_run() -> None:
    story = aiming(BOUGHT).buys("shoes", at=2 * DAY).buys("hat", at=3 * DAY, order="o2")

    [fact] = reached(story)
    entry = next(fact for fact in story.facts if fact.kind == "entered")
    assert (fact.name, fact.campaign, fact.instance) == ("bought", "cart-reminder", entry.instance)
    assert (fact.at, fact.origin) == (2 * DAY * MINUTE, "treated")
    assert story.row.customer.pursuits == ()


def test_the_window_ends_with_its_last_millisecond() -> None:
    late = aiming({**BOUGHT, "window": "1d"}).buys("shoes", at=30 + DAY + 1)
    just = aiming({**BOUGHT, "window": "1d"}).buys("shoes", at=30 + DAY - 1)

    assert (len(reached(late)), len(reached(just))) == (0, 1)
    assert late.row.customer.pursuits == ()


def test_what_happened_before_the_entry_is_no_goal() -> None:
    """A receipt of yesterday that comes today is none of the campaign's doing."""
    story = told(journey({"one": mail("first")}, goals=[{"id": "seen", "on": SEEN}]))
    opens_lookbook(story, at=0)
    story.adds("shoes", at=1).wait(until=31)
    assert reached(story) == []

    assert len(reached(opens_lookbook(story, at=40))) == 1


def test_the_value_is_read_from_the_event_or_else_what_the_goal_says() -> None:
    told_it = {"id": "seen", "on": SEEN, "value": "properties.worth", "worth": "2.50"}
    first = opens_lookbook(aiming(told_it), at=40, worth="19.90")
    second = opens_lookbook(aiming(told_it), at=40)

    assert [one.after for one in (*reached(first), *reached(second))] == ["19.90", "2.50"]


def test_a_goal_with_exit_ends_the_run_and_one_without_only_counts() -> None:
    ends, counts = (
        told(journey(SERIES, goals=[{"id": "seen", "on": SEEN, "exit": is_exit}]))
        .adds("shoes", at=0)
        .wait(until=30)
        for is_exit in (True, False)
    )
    opens_lookbook(ends, at=40)
    opens_lookbook(counts, at=40)

    assert ends.reasons[-1] == "exited: goal_reached"
    assert (len(reached(ends)), len(reached(counts))) == (1, 1)
    assert counts.wait(until=2 * DAY).sent == ["first", "second"]


def test_a_rule_that_held_at_the_entry_is_not_reached() -> None:
    def lived(*, before: bool) -> Story:
        story = told(journey({"one": mail("first")}, goals=[{"id": "gold", "if": GOLD}]))
        gold = ProfileUpdated(id="g", occurred_at=0, traits={"plan": "gold"})
        if before:
            story.event(gold)
        story.adds("shoes", at=1).wait(until=31)
        if not before:
            story.event(msgspec.structs.replace(gold, occurred_at=HOUR * MINUTE))
        return opens_lookbook(story, at=2 * HOUR)

    assert (len(reached(lived(before=True))), len(reached(lived(before=False)))) == (0, 1)


def test_the_control_group_reaches_goals_too_and_is_told_apart() -> None:
    body = journey({"one": mail("first")}, goals=[BOUGHT], holdout={"basis_points": 5_000})
    facts = []
    for number in range(30):
        story = Story(book(body).definitions, key=f"u:c{number}").consents()
        story.adds("shoes", at=0).wait(until=30)
        [fact] = reached(story.buys("shoes", at=DAY))
        facts.append((fact.origin, bool(story.sent)))

    assert set(facts) == {("treated", True), ("holdout", False)}


def test_only_the_object_of_the_run_reaches_its_goal() -> None:
    about = {"type": "T31", "params": {"event": "Quote Asked"}}
    goal = {"id": "seen", "on": {**SEEN, "match_key": True}}
    trigger = {**about, "correlation_key": "properties.quote"}
    story = told(journey({"one": mail("first")}, trigger=trigger, goals=[goal]))
    for at, quote in enumerate(["q1", "q2"]):
        opens_lookbook(story, at=at, name="Quote Asked", quote=quote)

    [fact] = reached(opens_lookbook(story, at=40, quote="q2"))

    assert fact.instance == story.messages[1].instance


@pytest.mark.parametrize(
    ("goal", "place"),
    [
        ({"id": "g"}, "goals[0]"),
        ({"id": "g", "if": GOLD, "value": "total"}, "goals[0].value"),
        ({**BOUGHT, "window": "soon"}, "goals[0].window"),
        ({**BOUGHT, "value": "a..b"}, "goals[0].value"),
    ],
)
def test_a_goal_that_cannot_be_is_refused_at_its_place(goal: dict[str, object], place: str) -> None:
    body = msgspec.json.encode(journey(SERIES, goals=[goal]))
    with pytest.raises(InvalidDefinitionError) as caught:
        changes.decode_campaign(body)

    assert [flaw.path for flaw in caught.value.flaws] == [place]
