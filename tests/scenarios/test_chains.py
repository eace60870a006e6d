"""Campaigns that follow campaigns: T48, and the step that starts another (c.1, "Action worked")."""

import itertools
from collections.abc import Sequence

import msgspec
import pytest

from engine.definitions import changes, installation
from engine.journeys import chaining
from tests.support.journeys import MAILS, delay, journey, mail
from tests.support.story import Book, Story

DAY = 24 * 60


def following(name: str, template: str, **params: object) -> dict[str, object]:
    """A campaign of one mail that follows another."""
    trigger = {"type": "T48", "params": params}
    return {**journey({"one": mail(template)}, trigger=trigger), "id": name}


def book(*campaigns: dict[str, object]) -> Book:
    found = Book()
    for name in MAILS:
        found.change("templates", name, "put", {"id": name, "subject": name, "text": name})
    for one in campaigns:
        found.publish(one)
    return found


def lived(*campaigns: dict[str, object], consents: bool = True) -> Story:
    story = Story(book(*campaigns).definitions).consents(email=consents)
    return story.adds("shoes", at=0).wait(until=30)


FIRST = journey({"one": mail("first")})


def test_t48_the_end_of_a_run_lets_into_the_next_campaign_at_once() -> None:
    story = lived(FIRST, following("next", "second", campaigns=["cart-reminder"]))

    assert story.sent == ["first", "second"]
    assert [message.campaign for message in story.messages] == ["cart-reminder", "next"]


@pytest.mark.parametrize(
    ("params", "is_let_in"),
    [
        ({"outcomes": ["sent"]}, True),
        ({"outcomes": ["sent"], "steps": ["one"]}, True),
        ({"outcomes": ["sent"], "steps": ["two"]}, False),
        ({"outcomes": ["skipped"]}, False),
        ({"outcomes": ["exit"], "reasons": ["completed"]}, True),
        ({"outcomes": ["exit"], "reasons": ["exit_rule"]}, False),
        ({"outcomes": ["goal"]}, False),
    ],
)
def test_t48_fires_for_the_outcome_the_step_and_the_reason_it_names(
    params: dict[str, Sequence[str]], *, is_let_in: bool
) -> None:
    story = lived(FIRST, following("next", "second", campaigns=["cart-reminder"], **params))

    assert story.sent == (["first", "second"] if is_let_in else ["first"])


def test_t48_a_message_that_is_skipped_fires_with_its_reason() -> None:
    params = {"campaigns": ["cart-reminder"], "outcomes": ["skipped"], "reasons": ["no_consent"]}
    story = lived(FIRST, following("next", "second", **params), consents=False)

    assert [fact.kind for fact in story.facts if fact.campaign == "next"][:2] == [
        "fired",
        "entered",
    ]


def test_t48_a_goal_fires_long_after_the_run() -> None:
    goal = {"id": "bought", "on": {"event": "Order Completed"}}
    first = journey({"one": mail("first")}, goals=[goal])
    thanks = following("next", "second", campaigns=["cart-reminder"], outcomes=["goal"])
    story = lived(first, thanks)
    assert story.sent == ["first"]

    assert story.buys("shoes", at=DAY).sent == ["first", "second"]


def test_a_chain_goes_link_by_link_in_one_event() -> None:
    story = lived(
        FIRST,
        following("next", "second", campaigns=["cart-reminder"]),
        following("last", "third", campaigns=["next"]),
    )

    assert story.sent == ["first", "second", "third"]


def test_a_chain_longer_than_its_bound_ends() -> None:
    names = ["cart-reminder", *(f"c{number}" for number in range(chaining.LINKS_MAX + 3))]
    links = [
        following(after, "second", campaigns=[before])
        for before, after in itertools.pairwise(names)
    ]
    story = lived(FIRST, *links)

    assert len(story.sent) == chaining.LINKS_MAX + 1


START = {
    "go": {
        "type": "start_campaign",
        "campaign": "next",
        "payload": {"from": "event.container", "plan": "now.plan", "times": 2},
        "next": "one",
    },
    "one": mail("first"),
}
STARTED = {"campaigns": ["cart-reminder"], "outcomes": ["started"]}


def test_a_step_starts_another_campaign_and_hands_it_a_payload() -> None:
    story = lived(journey(START), following("next", "second", **STARTED))

    assert sorted(story.sent) == ["first", "second"]
    [message] = [one for one in story.messages if one.campaign == "next"]
    told = message.context["event"]["payload"]  # type: ignore[index]  # JSON
    assert told == {"from": "cart", "plan": None, "times": 2}
    [fact] = [fact for fact in story.changes if fact.kind == "campaign_started"]
    assert (fact.name, fact.step, fact.campaign) == ("next", "go", "cart-reminder")


def test_only_the_campaign_that_is_named_starts() -> None:
    other = following("other", "third", **STARTED)

    assert sorted(lived(journey(START), following("next", "second", **STARTED), other).sent) == [
        "first",
        "second",
    ]


def test_what_a_step_starts_obeys_the_audience_of_its_trigger() -> None:
    nobody = {"op": "metric", "name": "orders_count", "is": ">=", "value": 1}
    next_one = following("next", "second", **STARTED)
    [trigger] = next_one["triggers"]  # type: ignore[misc]  # one of them
    trigger["audience"] = nobody  # type: ignore[has-type]

    story = lived(journey(START), next_one)

    assert story.sent == ["first"]
    assert "not_sent: not_in_audience" in story.reasons


def refused(body: dict[str, object], *others: dict[str, object]) -> dict[str, str]:
    campaign = changes.decode_campaign(msgspec.json.encode(body))
    known = book(*others).definitions
    return {flaw.path: flaw.message for flaw in installation.flaws(campaign, known)}


def test_a_circle_of_campaigns_is_refused_with_the_way_it_goes() -> None:
    first = following("first", "first", campaigns=["last"])
    middle = following("middle", "first", campaigns=["first"])
    last = following("last", "first", campaigns=["middle"])

    found = refused(last, first, middle)

    assert found == {"triggers": "campaigns go round in a circle: last -> first -> middle -> last"}


def test_what_cannot_be_started_is_refused_at_its_step() -> None:
    assert list(refused(journey(START))) == ["steps.go.campaign"]
    assert list(refused(journey(START), following("next", "second", campaigns=["x"]))) == [
        "steps.go.campaign"
    ]
    assert refused(journey(START), following("next", "second", **STARTED)) == {}


def test_a_campaign_that_is_followed_must_be_there() -> None:
    assert list(refused(following("next", "second", campaigns=["gone"]))) == [
        "triggers[0].params.campaigns"
    ]


def test_a_circle_that_came_to_be_ends_by_itself() -> None:
    """Two publishings at once: each was right when it was looked at."""
    back = {"id": "back", "type": "T48", "params": {"campaigns": ["next"]}}
    first = {**FIRST, "triggers": [{"id": "t", "type": "T01"}, back]}
    story = lived(first, following("next", "second", campaigns=["cart-reminder"]))

    assert len(story.sent) == chaining.LINKS_MAX + 1


def test_a_slow_chain_waits_as_its_steps_say() -> None:
    slow = following("next", "second", campaigns=["cart-reminder"])
    slow["steps"] = {"day": delay("1d", "one"), "one": mail("second")}
    slow["start"] = "day"
    story = lived(FIRST, slow)
    assert story.sent == ["first"]

    assert story.wait(until=30 + DAY).sent == ["first", "second"]
