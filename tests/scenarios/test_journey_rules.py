"""Rules in campaigns: who is let in, which way they go, and when they leave."""

import pytest

from engine.events import Identified
from tests.support.journeys import SERIES, book, delay, journey, mail, opens_lookbook, told
from tests.support.story import MINUTE, Story

DAY = 24 * 60

VIP = {"op": "attr", "path": "plan", "is": "=", "value": "vip"}

RETURNING = {"op": "did", "event": "Lookbook Opened", "is": ">=", "value": 2}


def is_vip(story: Story, *, at: int, plan: str | None = "vip") -> Story:
    traits: dict[str, object] = {"plan": plan}
    return story.event(Identified(id=f"plan-{at}", occurred_at=at * MINUTE, traits=traits))


@pytest.mark.parametrize(("plan", "reason"), [("vip", None), ("basic", "not_in_audience")])
def test_only_the_audience_is_let_in_as_it_is_when_the_trigger_fires(
    plan: str, reason: str | None
) -> None:
    story = told(journey({"one": mail("first")}, trigger={"audience": VIP}))
    is_vip(story.adds("shoes", at=0), at=5, plan=plan).wait(until=30)

    assert bool(story.sent) == (reason is None)
    assert reason is None or story.reasons == ["fired", f"not_sent: {reason}"]


def test_who_is_excluded_is_not_let_in() -> None:
    story = is_vip(told(journey({"one": mail("first")}, trigger={"exclude": VIP})), at=0)

    assert story.adds("shoes", at=1).wait(until=31).reasons == ["fired", "not_sent: excluded"]


def test_the_first_branch_whose_rule_holds_is_taken_and_else_the_other_way() -> None:
    steps = {
        "which": {
            "type": "branch",
            "branches": [
                {"id": "vip", "if": VIP, "next": "one"},
                {"id": "fan", "if": RETURNING, "next": "two"},
            ],
            "next": "three",
        },
        "one": mail("first"),
        "two": mail("second"),
        "three": mail("third"),
    }
    fan = told(journey(steps))
    for at in (1, 2):
        opens_lookbook(fan, at=at)

    assert is_vip(told(journey(steps)), at=0).adds("a", at=1).wait(until=31).sent == ["first"]
    assert fan.adds("a", at=3).wait(until=33).sent == ["second"]
    assert told(journey(steps)).adds("a", at=0).wait(until=30).sent == ["third"]


def test_a_filter_asks_the_customer_as_they_are_now() -> None:
    steps = {
        "day": delay("1d", "vip"),
        "vip": {"type": "filter", "if": VIP, "next": "one", "otherwise": "two"},
        "one": mail("first"),
        "two": mail("second"),
    }
    stays = is_vip(told(journey(steps)), at=0).adds("a", at=1).wait(until=2 * DAY)
    leaves = is_vip(told(journey(steps)), at=0).adds("a", at=1)

    assert stays.sent == ["first"]
    assert is_vip(leaves, at=600, plan=None).wait(until=2 * DAY).sent == ["second"]


def test_an_exit_rule_acts_at_the_first_event_at_which_it_holds() -> None:
    story = told(journey(SERIES, exit=[{"id": "vip", "if": VIP}])).adds("shoes", at=0)

    assert is_vip(story.wait(until=60), at=90).reasons[-1] == "exited: exit_rule"
    assert story.facts[-1].at == 90 * MINUTE


def test_an_exit_rule_that_time_alone_made_true_acts_before_the_message() -> None:
    quiet = {"op": "attr", "path": "last_seen_at", "is": "more_than_ago", "value": "1h"}
    story = told(journey(SERIES, exit=[{"id": "gone", "if": quiet}])).adds("shoes", at=0)

    assert story.wait(until=2 * DAY).sent == ["first"]
    assert story.reasons[-1] == "exited: exit_rule"


def test_what_a_rule_asks_is_counted_from_when_the_campaign_is_published() -> None:
    written = book(journey({"one": mail("first")}))
    story = Story(written.definitions).consents()
    opens_lookbook(story, at=1)
    written.publish(journey({"one": mail("second")}, trigger={"audience": RETURNING}))
    story.definitions = written.definitions
    opens_lookbook(opens_lookbook(story, at=2), at=3)

    assert story.adds("a", at=4).wait(until=34).sent == ["second"]


def test_two_questions_of_a_campaign_are_counted_apart() -> None:
    """Nodes below the top are numbered too: what each asks for is its own."""
    both = {
        "op": "all",
        "of": [
            {"op": "did", "event": "Lookbook Opened", "is": ">=", "value": 1},
            {"op": "never_did", "event": "Lookbook Closed"},
        ],
    }
    story = told(journey({"one": mail("first")}, trigger={"audience": both}))
    opens_lookbook(story, at=1).adds("shoes", at=2).wait(until=40)

    assert story.sent == ["first"]
