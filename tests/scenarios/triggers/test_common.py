"""What every trigger has: throttle, debounce, validity, backfill; several of them in a campaign."""

import msgspec
import pytest

from engine import notes
from engine.commands import Activated
from engine.definitions import changes
from engine.definitions.folded import Definitions
from engine.errors import InvalidDefinitionError
from engine.events import Identified
from engine.notes import Note
from tests.scenarios.triggers.test_purchases import receipt
from tests.support.journeys import (
    fired,
    journey,
    mail,
    opens_lookbook,
    set_up,
    told,
    tracks,
    triggered,
)
from tests.support.story import MINUTE, Story

DAY = 24 * 60
PLAY = {"event": "Play"}


def entered(story: Story) -> int:
    return story.reasons.count("entered")


def test_a_throttled_trigger_lets_in_once_in_a_while() -> None:
    story = set_up("T31", PLAY, throttle="1h")
    for at in (0, 30, 59, 60):
        tracks(story, "Play", at=at)

    assert (fired(story), entered(story)) == (4, 2)
    assert story.reasons.count("not_sent: throttled") == 2


def test_a_debounced_trigger_enters_when_it_is_silent_with_what_fired_last() -> None:
    story = set_up("T31", PLAY, debounce="10m")
    for at in (0, 9, 18):
        tracks(story, "Play", at=at, level=at)

    assert fired(story.wait(until=27)) == 0
    assert fired(story.wait(until=28)) == 1
    event = story.messages[0].context["event"]
    assert isinstance(event, dict)
    assert event["properties"] == {"level": 18}


def test_each_correlation_key_is_debounced_on_its_own() -> None:
    story = set_up("T31", PLAY, debounce="10m", correlation_key="properties.game")
    for game in ("go", "chess", "go"):
        tracks(story, "Play", at=len(story.row.timers), game=game)

    assert fired(story.wait(until=60)) == 2


@pytest.mark.parametrize(
    ("valid", "count"),
    [
        ({"valid_from": "1970-01-01T00:02:00Z"}, 1),
        ({"valid_from": "1970-01-01T03:02:01+03:00"}, 0),
        ({"valid_until": "1970-01-01T00:02:00Z"}, 0),
        ({"valid_until": "1970-01-01T00:02:01Z"}, 1),
    ],
)
def test_a_trigger_fires_while_it_is_valid(valid: dict[str, str], count: int) -> None:
    assert fired(tracks(set_up("T31", PLAY, **valid), "Play", at=2)) == count


def test_a_timer_that_was_set_before_rings_when_the_trigger_is_valid() -> None:
    story = set_up("T01", valid_from="1970-01-01T00:20:00Z")

    assert fired(story.adds("shoes", at=0).wait(until=60)) == 1


def began(definitions: Definitions, story: Story, *, at: int, version: int = 1) -> Story:
    story.definitions = definitions
    return story.event(
        Activated(
            id=f"begun-{at}", occurred_at=at * MINUTE, campaign="cart-reminder", version=version
        )
    )


def known() -> Story:
    """Somebody who bought ten days ago, before there was any campaign."""
    return Story(Definitions()).event(receipt("r1", at=0))


@pytest.mark.parametrize(
    ("backfill", "day", "count"),
    [
        ({}, 30, 1),
        ({}, 5, 0),
        ({"policy": "current_members"}, 5, 1),
        ({"policy": "since", "since": "1970-01-06T00:00:00Z"}, 5, 1),
        ({"policy": "since", "since": "1970-01-06T00:00:01Z"}, 5, 0),
    ],
)
def test_those_who_were_there_before_enter_as_backfill_says(
    backfill: dict[str, str], day: int, count: int
) -> None:
    definitions = set_up("T21", {"days": day}, backfill=backfill).definitions

    assert fired(began(definitions, known(), at=10 * DAY).wait(until=40 * DAY)) == count


def test_a_version_is_told_to_a_customer_once_however_often_it_is_said() -> None:
    """The same command under another id, as after a crash of whoever appends it."""
    everybody = {"policy": "current_members"}
    definitions = set_up("T21", {"days": 5}, backfill=everybody).definitions
    story = began(definitions, known(), at=10 * DAY).wait(until=11 * DAY)

    assert fired(began(definitions, story, at=12 * DAY).wait(until=13 * DAY)) == 1


def test_another_version_is_not_meant() -> None:
    definitions = triggered("T21", days=30).definitions

    assert fired(began(definitions, known(), at=10 * DAY, version=7).wait(until=40 * DAY)) == 0


@pytest.mark.parametrize(
    ("kind", "params", "traits"),
    [
        ("T42", {}, {"birthday": "1960-02-01"}),
        ("T43", {"field": "passport"}, {"passport": "1970-02-01"}),
        ("T23", {"days": 20}, {"createdAt": "1970-01-01T00:00:00Z"}),
        ("T24", {"days": 20}, {}),
    ],
)
def test_clocks_are_set_for_those_who_were_there_before(
    kind: str, params: dict[str, object], traits: dict[str, object]
) -> None:
    story = Story(Definitions()).event(Identified(id="i", occurred_at=MINUTE, traits=traits))

    began(triggered(kind, **params).definitions, story, at=10 * DAY).wait(until=60 * DAY)

    assert fired(story) == 1


@pytest.mark.parametrize(
    ("common", "path"),
    [
        ({"throttle": "soon"}, "triggers[0].throttle"),
        ({"debounce": "1x"}, "triggers[0].debounce"),
        ({"valid_from": "2026-03-02T09:00"}, "triggers[0].valid_from"),
        (
            {"valid_from": "2026-03-02T09:00Z", "valid_until": "2026-03-02T09:00Z"},
            "triggers[0].valid_until",
        ),
        ({"backfill": {"policy": "since"}}, "triggers[0].backfill.since"),
        ({"backfill": {"policy": "current_members"}}, "triggers[0].backfill.policy"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(common: dict[str, object], path: str) -> None:
    body = journey({"one": mail("first")}, trigger={"type": "T31", "params": PLAY, **common})

    with pytest.raises(InvalidDefinitionError) as refused:
        changes.decode_campaign(msgspec.json.encode(body))

    assert path in [flaw.path for flaw in refused.value.flaws]


def several(**second: object) -> Story:
    """One campaign with two triggers, about what their events say."""
    events = ({"event": "Play"}, {"event": "Lookbook Opened"})
    triggers = [
        {"id": f"t{number}", "type": "T31", "params": params, "correlation_key": "properties.game"}
        for number, params in enumerate(events)
    ]
    steps = {"wait": {"type": "delay", "for": "1d", "next": "one"}, "one": mail("first")}
    return told({**journey(steps), "triggers": [triggers[0], {**triggers[1], **second}]})


def test_several_triggers_of_a_campaign_begin_one_run_for_a_key() -> None:
    story = tracks(several(), "Play", at=1, game="go")
    opens_lookbook(story, at=2, game="go")
    opens_lookbook(story, at=3, game="chess")

    went = ["fired", "entered"]
    assert story.reasons == [*went, "fired", "not_sent: already_in_campaign", *went]
    assert [run.trigger for run in story.row.customer.runs] == ["t0", "t1"]


def test_a_disabled_trigger_leaves_the_others_alone() -> None:
    story = opens_lookbook(tracks(several(enabled=False), "Play", at=1), at=2)

    assert story.reasons == ["fired", "entered"]


def test_notes_are_bounded_at_their_edge() -> None:
    full = {f"n{number:03}": Note(number, (1,) * 20, "x" * 2048) for number in range(120)}
    bounded = notes.bounded(full)

    assert list(bounded) == [f"n{number:03}" for number in range(20, 120)]
    assert sum(1 for note in bounded.values() if note.text) == notes.TEXTS_MAX
    assert len(msgspec.msgpack.encode(bounded)) < 50_000
