"""Three scopes in rules of runs and in templates: now, at the entry, in the triggering event."""

from collections.abc import Mapping

import msgspec
import pytest

from engine.declarations import ProfileUpdated
from engine.definitions import changes, installation
from engine.definitions.folded import Definitions
from engine.events import Identified
from engine.judging import scoped
from tests.support.journeys import book, delay, journey, mail, opens_lookbook, told
from tests.support.story import MINUTE, Story

DAY = 24 * 60


def asked(rule: Mapping[str, object]) -> dict[str, object]:
    """A day after the entry; who passes is sent the first mail."""
    return {
        "day": delay("1d", "ask"),
        "ask": {"type": "filter", "if": rule, "next": "a", "otherwise": "b"},
        "a": mail("first"),
        "b": mail("second"),
    }


def moved(rule: dict[str, object]) -> list[str]:
    """Silver at the entry, gold an hour later."""
    story = told(journey(asked(rule)))
    story.event(Identified(id="s", occurred_at=0, traits={"plan": "silver", "logins": 3}))
    story.adds("shoes", at=0).buys("hat", at=0).wait(until=30).adds("hat", at=40)
    story.event(
        ProfileUpdated(id="g", occurred_at=90 * MINUTE, traits={"plan": "gold", "logins": 4})
    )
    return story.wait(until=3 * DAY).sent


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        ({"op": "attr", "path": "plan", "value": "gold"}, "first"),
        ({"op": "attr", "path": "now.plan", "value": "gold"}, "first"),
        ({"op": "attr", "path": "entry.plan", "value": "gold"}, "second"),
        ({"op": "attr", "path": "entry.plan", "value": "silver"}, "first"),
        ({"op": "attr", "path": "entry.logins", "is": "<", "value": 4}, "first"),
        ({"op": "metric", "name": "entry.orders_count", "is": "=", "value": 1}, "first"),
        ({"op": "metric", "name": "now.orders_count", "is": "=", "value": 1}, "first"),
        ({"op": "attr", "path": "event.container", "value": "cart"}, "first"),
        ({"op": "attr", "path": "event.nothing", "is": "exists"}, "second"),
    ],
)
def test_a_rule_of_a_step_reads_in_the_scope_that_it_names(
    rule: dict[str, object], sent: str
) -> None:
    assert moved(rule) == [sent]


def test_only_what_the_version_names_is_remembered() -> None:
    rule = {"op": "attr", "path": "entry.plan", "value": "gold"}
    story = told(journey(asked(rule)))
    story.event(Identified(id="s", occurred_at=0, traits={"plan": "silver", "logins": 3}))
    story.adds("shoes", at=0).wait(until=30)

    assert [run.entry for run in story.row.customer.runs] == [{"plan": "silver"}]


def test_a_template_reads_the_entry_and_null_where_nothing_was() -> None:
    written = book(journey({"day": delay("1d", "one"), "one": mail("first")}))
    text = "{{ entry.plan }}, {{ entry.address.city }}, {{ customer.plan }}"
    written.change("templates", "first", "put", {"id": "first", "subject": "s", "text": text})
    story = Story(written.definitions).consents()
    story.event(Identified(id="s", occurred_at=0, traits={"plan": "silver"}))
    story.adds("shoes", at=0).wait(until=30)
    story.event(ProfileUpdated(id="g", occurred_at=90 * MINUTE, traits={"plan": "gold"}))

    [message] = story.wait(until=2 * DAY).messages
    again = story.rechecks(message, at=2 * DAY).messages[-1]

    assert message.context["entry"] == {"plan": "silver", "address": {"city": None}}
    assert again.context["entry"] == message.context["entry"]


def test_a_wait_reads_the_event_that_began_its_run() -> None:
    """X33 by a rule: the run about autumn."""
    rule = {"op": "attr", "path": "event.properties.season", "value": "autumn"}
    steps = {
        "wait": {
            "type": "wait_until",
            "branches": [{"id": "w", "on": {"event": "Go"}, "if": rule, "next": "a"}],
            "timeout": "1d",
        },
        "a": mail("first"),
    }
    about = {
        "type": "T31",
        "params": {"event": "Asked"},
        "correlation_key": "properties.season",
    }
    story = told(journey(steps, trigger=about))
    for at, season in enumerate(["spring", "autumn"]):
        opens_lookbook(story, at=at, name="Asked", season=season)

    [message] = opens_lookbook(story, at=9, name="Go").messages

    assert message.context["event"]["properties"] == {"season": "autumn"}  # type: ignore[index]  # JSON


def test_what_is_remembered_has_a_bound() -> None:
    long = "x" * (scoped.ENTRY_MAX_BYTES - len('{"plan":""}'))
    rule = {
        "op": "all",
        "of": [
            {"op": "attr", "path": "entry.plan", "is": "exists"},
            {"op": "attr", "path": "entry.city", "is": "exists"},
        ],
    }
    story = told(journey(asked(rule)))
    story.event(Identified(id="s", occurred_at=0, traits={"plan": long, "city": "Rome"}))
    story.adds("shoes", at=0).wait(until=30)

    assert [run.entry for run in story.row.customer.runs] == [{"plan": long}]


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"trigger": {"audience": {"op": "attr", "path": "entry.plan"}}}, "triggers[0].audience"),
        ({"goals": [{"id": "g", "if": {"op": "attr", "path": "event.x"}}]}, "goals[0].if"),
    ],
)
def test_who_is_no_run_has_no_entry_and_no_event(
    fields: dict[str, dict[str, object]], place: str
) -> None:
    body = journey({"one": mail("first")}, **fields)
    campaign = changes.decode_campaign(msgspec.json.encode(body))

    [flaw] = installation.flaws(campaign, Definitions())

    assert flaw.path == f"{place}.path"


@pytest.mark.parametrize(
    "rule",
    [
        {"op": "attr", "path": "entry.colour", "value": "red"},
        {"op": "metric", "name": "event.orders_count", "value": 1},
        {"op": "metric", "name": "entry.nothing", "value": 1},
    ],
)
def test_a_scope_makes_no_name_of_nothing(rule: dict[str, object]) -> None:
    campaign = changes.decode_campaign(msgspec.json.encode(journey(asked(rule))))

    assert [flaw.path.rpartition(".")[0] for flaw in installation.flaws(campaign, Definitions())]
