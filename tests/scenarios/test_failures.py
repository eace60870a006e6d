"""A definition that turns out wrong at run time switches itself off, alone."""

from collections.abc import Mapping
from typing import cast

import msgspec
import pytest

from engine.claims import Claimed, ClaimGranted
from engine.definitions import folded
from engine.definitions.campaigns import Campaign, ExitRule
from engine.definitions.folded import Definitions
from engine.definitions.goals import Goal
from engine.events import Identified, Tracked
from engine.faults import CampaignFailed
from engine.rules.nodes import Attr
from tests.support.journeys import MAILS, delay, journey, mail, opens_lookbook, told, tracks
from tests.support.story import MINUTE, Book, Story
from tests.support.town import Town

HOUR = 60
DAY = 24 * HOUR

GO = {"type": "T31", "params": {"event": "Go"}}

COUNTS = {"type": "update", "increment": {"visits": 1}}
"""Fails for whoever has as many visits as a number of ours holds: what no check at save can see."""

FULL = 2**63 - 1

SERIES = {
    "one": mail("first", "day"),
    "day": delay("1d", "count"),
    "count": {**COUNTS, "next": "two"},
    "two": mail("second"),
}

WRONG = Attr(path="visits", comparison=">=", value=cast("str", [1]))
"""A rule that no check lets in; an earlier release may have."""


def failing(name: str = "counts", **fields: object) -> dict[str, object]:
    steps = {"count": {**COUNTS, "next": "one"}, "one": mail("first")}
    return journey(steps, trigger=GO, id=name, **fields)


def book(*bodies: dict[str, object]) -> Book:
    found = Book()
    for name in MAILS:
        found.change("templates", name, "put", {"id": name, "subject": name, "text": name})
    for body in bodies:
        found.publish(body)
    return found


def town(*bodies: dict[str, object]) -> Town:
    """Ada has more visits than can be counted on, Ben has none."""
    found = Town(book(*bodies).definitions).joins("ada", "ben")
    found.says("ada", Identified(id="full", occurred_at=0, traits={"visits": FULL}))
    return found.wait(until=1)


def go(found: Town, who: str) -> Town:
    return found.says(who, Tracked(id=found.id(), occurred_at=found.now, name="Go"))


def republished(found: Town, body: dict[str, object], said: object = None) -> Town:
    made = Book()
    made.definitions = found.definitions
    name = str(body["id"])
    made.change("campaigns", name, "put", body).change("campaigns", name, "publish", said)
    found.definitions = made.definitions
    return found


def reported(story: Story) -> list[CampaignFailed]:
    return [one for one in story.shared if isinstance(one, CampaignFailed)]


def with_version(definitions: Definitions, **fields: object) -> Definitions:
    """The campaign that runs, with what no check lets in."""
    entry = definitions.campaigns["cart-reminder"]
    campaign = msgspec.structs.replace(entry.published or entry.draft, **fields)
    version = entry.published_version
    wrong = msgspec.structs.replace(
        entry, published=campaign, versions={**entry.versions, version: campaign}
    )
    campaigns = {**definitions.campaigns, "cart-reminder": wrong}
    changed = msgspec.structs.replace(definitions, campaigns=campaigns)
    return folded.derived(changed, Book().made("policies", "none", "put"))


def test_who_met_the_fault_is_not_let_in_and_the_fact_says_where_it_lies() -> None:
    found = go(town(failing()), "ada")

    assert found.messages == []
    assert found.reasons("ada", "counts") == ["not_sent: campaign_failed"]
    why = found.facts[-1].why
    assert why is not None
    assert why.saw == {"place": "steps.count", "code": "not_computable"}


def test_the_campaign_is_switched_off_for_everybody_with_the_reason() -> None:
    found = go(go(town(failing()), "ada"), "ben")

    entry = found.definitions.campaigns["counts"]
    assert (entry.status, found.sent) == ("failed", [])
    assert entry.failure is not None
    told_of = (entry.failure.version, entry.failure.place, entry.failure.code)
    assert told_of == (1, "steps.count", "not_computable")
    assert found.facts[-1].cause == entry.failure.event


def test_other_campaigns_and_the_event_itself_go_on() -> None:
    other = journey({"one": mail("second")}, trigger=GO, id="other")
    found = go(town(failing(), other), "ada")

    assert [one.template for one in found.messages] == ["second"]
    assert found.definitions.status("other") == "live"
    assert found.rows["u:ada"].customer.attributes["visits"] == FULL


def test_a_customer_whom_it_works_for_is_served_until_then() -> None:
    found = go(go(town(failing()), "ben"), "ada")

    assert [one.customer for one in found.messages] == ["ben"]


def test_a_fixed_version_published_again_runs() -> None:
    found = go(town(failing()), "ada")

    fixed = journey({"one": mail("third")}, trigger=GO, id="counts")
    go(republished(found, fixed), "ada")

    entry = found.definitions.campaigns["counts"]
    assert (entry.status, entry.failure) == ("live", None)
    assert [one.template for one in found.messages] == ["third"]


def test_the_same_version_published_again_is_tried_again() -> None:
    found = go(town(failing()), "ada")
    made = Book()
    made.definitions = found.definitions

    found.definitions = made.change("campaigns", "counts", "publish").definitions
    go(go(found, "ben"), "ada")

    assert [one.customer for one in found.messages] == ["ben"]
    assert found.definitions.status("counts") == "failed"


def test_a_run_that_failed_stays_where_it_was_and_is_recorded_once() -> None:
    found = go(town(journey(SERIES, trigger=GO, id="series")), "ada").wait(until=3 * DAY)

    assert [one.step for one in found.rows["u:ada"].customer.runs] == ["day"]
    assert found.reasons("ada", "series") == [
        "fired",
        "entered",
        "sent: admitted",
        "deferred: campaign_failed",
    ]


def test_those_who_waited_are_taken_over_by_a_version_that_works() -> None:
    found = go(town(journey(SERIES, trigger=GO, id="series")), "ada").wait(until=3 * DAY)

    fixed = {**SERIES, "day": delay("1d", "two")}
    fixed.pop("count")
    said = {"running": "migrate", "map": {"count": "two"}}
    republished(found, journey(fixed, trigger=GO, id="series"), said).wait(until=4 * DAY)

    assert [one.template for one in found.messages] == ["first", "second"]
    assert found.rows["u:ada"].customer.runs == ()


def test_those_who_stayed_behind_on_a_version_that_fails_leave_and_the_new_one_runs() -> None:
    found = go(town(journey(SERIES, trigger=GO, id="series")), "ada")

    other = journey({"one": mail("third")}, trigger=GO, id="series")
    republished(found, other).wait(until=3 * DAY)

    assert found.reasons("ada", "series")[-1] == "exited: campaign_failed"
    assert found.definitions.status("series") == "live"


def test_in_a_failed_campaign_messages_wait_as_in_a_pause() -> None:
    steps = {"day": delay("1d", "one"), "one": mail("first")}
    found = town(
        {
            **journey({**steps, "count": {**COUNTS, "next": "day"}}, trigger=GO, id="c"),
            "start": "count",
        }
    )
    go(go(found, "ben"), "ada").wait(until=2 * DAY)

    assert found.sent == []
    assert found.reasons("ben", "c")[-1] == "deferred: campaign_failed"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"exit": (ExitRule(id="bad", condition=WRONG),)}, "exit.bad.if"),
        ({"goals": (Goal(id="bad", condition=WRONG),)}, "goals.bad"),
    ],
)
def test_a_rule_that_cannot_be_asked_is_named_and_asked_of_nobody_else(
    fields: Mapping[str, object], place: str
) -> None:
    goal = {"id": "bad", "if": {"op": "attr", "path": "visits", "is": ">=", "value": 5}}
    story = told(journey(SERIES, trigger=GO, goals=[goal]))
    tracks(story, "Go", at=1)
    story.definitions = with_version(story.definitions, **fields)

    opens_lookbook(story, at=2)

    assert [(one.place, one.code) for one in reported(story)] == [(place, "bad_type")]
    assert len(story.row.customer.runs) == 1


def test_an_audience_that_cannot_be_asked_lets_nobody_in() -> None:
    story = told(journey(SERIES, trigger=GO))
    campaign: Campaign = story.definitions.campaigns["cart-reminder"].draft
    [trigger] = campaign.triggers
    wrong = msgspec.structs.replace(trigger, audience=WRONG)
    story.definitions = with_version(story.definitions, triggers=(wrong,))

    tracks(story, "Go", at=1)

    assert story.reasons == ["not_sent: campaign_failed"]
    assert [one.place for one in reported(story)] == ["triggers.t"]


def test_a_clock_that_fails_lets_nobody_in() -> None:
    steps = {"count": {**COUNTS, "next": "one"}, "one": mail("first")}
    story = told(journey(steps)).event(
        Identified(id="full", occurred_at=0, traits={"visits": FULL})
    )

    story.adds("shoes", at=0).wait(until=HOUR)

    assert story.reasons == ["not_sent: campaign_failed"]
    assert [one.place for one in reported(story)] == ["steps.count"]


def test_a_place_that_comes_to_a_run_that_fails_is_given_back() -> None:
    story = told(failing("cart-reminder", limit={"total": 1})).event(
        Identified(id="full", occurred_at=0, traits={"visits": FULL})
    )
    tracks(story, "Go", at=1)
    [claim] = [one for one in story.shared if isinstance(one, Claimed)]

    granted = ClaimGranted(
        id="granted",
        occurred_at=MINUTE,
        claim_id=claim.claim_id,
        counter="campaign:cart-reminder:limit",
        number=claim.number,
        grant=claim.number,
        granted_at=MINUTE,
    )
    story.event(granted)

    assert [str(one.__struct_config__.tag) for one in story.shared[1:]] == ["failed", "released"]
    assert (story.row.customer.runs, story.row.claims) == ((), {})


def test_a_message_that_comes_back_to_a_rule_that_fails_is_kept() -> None:
    story = told(journey(SERIES, trigger=GO))
    tracks(story, "Go", at=1)
    [message] = story.messages
    exits = (ExitRule(id="bad", condition=WRONG),)
    story.definitions = with_version(story.definitions, exit=exits)

    story.rechecks(message, at=3)

    assert (len(story.messages), [one.id for one in story.row.customer.held]) == (1, [message.id])
    assert story.reasons[-1] == "deferred: campaign_failed"
    assert len(reported(story)) == 1


def test_the_same_event_fails_alike_whoever_applies_it() -> None:
    """Promise 7: a replay, a zombie and the next owner say the same."""
    one, two = (go(town(failing()), "ada") for _ in range(2))

    assert one.facts == two.facts
    assert one.counters == two.counters
    assert one.definitions.campaigns["counts"] == two.definitions.campaigns["counts"]


def test_nothing_of_the_customer_gets_into_the_log_of_definitions() -> None:
    """Erased means erased, and that log is kept for ever."""
    found = go(town(failing()), "ada")

    failure = msgspec.json.encode(found.definitions.campaigns["counts"].failure).decode()
    assert "ada" not in failure
    assert str(FULL) not in failure
