"""One tracker message in, an arrival or a refusal out."""

from typing import Final

import msgspec
import orjson
import pytest

from engine import ids
from engine.addresses import Address
from engine.errors import RejectedError
from engine.events import Aliased, Grouped, Identified, PageViewed, Tracked
from engine.intake import decoding, limits, messages
from engine.intake.arrivals import Arrival, Origin

NOON: Final = 1_795_348_800_000
ORIGIN: Final = Origin(source="web", received_at=NOON, seed="seed")


def arrive(message: dict[str, object], origin: Origin = ORIGIN) -> Arrival:
    decoded = decoding.message(orjson.dumps({"userId": "17"} | message))
    return messages.arrive(decoded, origin=origin)


def test_a_track_call_of_any_name_is_kept_whole() -> None:
    arrival = arrive(
        {
            "type": "track",
            "event": "Song Played",
            "messageId": "m1",
            "anonymousId": "d1",
            "timestamp": "2026-11-22T11:00:00Z",
            "properties": {"seconds": 1.50, "tags": ["a", None]},
            "context": {"ip": "::1"},
        }
    )

    assert (arrival.key, arrival.kind) == ("u:17", "tracker")
    event = arrival.event
    assert isinstance(event, Tracked)
    assert (event.id, event.name, event.source) == ("m1", "Song Played", "web")
    assert (event.user_id, event.anonymous_id) == ("17", "d1")
    assert event.occurred_at == NOON - 3_600_000
    assert bytes(event.properties) == b'{"seconds":1.5,"tags":["a",null]}'
    assert bytes(event.context) == b'{"ip":"::1"}'


def test_an_identify_call_carries_traits_and_consent_apart() -> None:
    event = arrive(
        {
            "type": "identify",
            "traits": {
                "email": " Ann@Shop.Example ",
                "age": 30,
                "score": 1.5,
                "city": None,
                "subscriptions": {"email": True},
            },
        }
    ).event

    assert isinstance(event, Identified)
    assert event.traits == {"email": "Ann@shop.example", "age": 30, "score": 1.5, "city": None}
    assert event.subscriptions == {"email": True}
    assert msgspec.json.decode(event.properties)["email"] == " Ann@Shop.Example "


def test_a_bad_address_costs_only_the_address() -> None:
    event = arrive({"type": "identify", "traits": {"email": "nobody", "age": 30}}).event

    assert isinstance(event, Identified)
    assert event.traits == {"age": 30, "email": "nobody"}
    assert event.addresses == {"email": Address(value="nobody", is_valid=False)}
    assert msgspec.json.decode(event.properties)["email"] == "nobody"


def test_an_address_set_to_null_is_removed() -> None:
    event = arrive({"type": "identify", "traits": {"email": None}}).event

    assert isinstance(event, Identified)
    assert event.traits == {"email": None}


@pytest.mark.parametrize("call", ["page", "screen"])
def test_a_page_or_screen_is_viewed(call: str) -> None:
    event = arrive(
        {
            "type": call,
            "name": "Home",
            "category": "Docs",
            "properties": {"url": "https://shop.example/"},
        }
    ).event

    assert isinstance(event, PageViewed)
    assert (event.name, event.url) == ("Home", "https://shop.example/")
    assert msgspec.json.decode(event.properties)["category"] == "Docs"


@pytest.mark.parametrize(("call", "is_screen"), [("page", False), ("screen", True)])
def test_a_screen_is_told_from_a_page(call: str, is_screen: bool) -> None:  # noqa: FBT001 a case
    event = arrive({"type": call, "name": "Home"}).event

    assert isinstance(event, PageViewed)
    assert event.is_screen is is_screen


def test_a_group_call_names_the_company_and_what_is_known_of_it() -> None:
    event = arrive({"type": "group", "groupId": 7, "traits": {"plan": "pro", "seats": 1.5}}).event

    assert isinstance(event, Grouped)
    assert (event.name, event.group_id) == ("group", "7")
    assert event.traits == {"plan": "pro", "seats": 1.5}


def test_an_alias_call_names_the_previous_id() -> None:
    arrival = arrive({"type": "alias", "previousId": "old"})

    assert arrival.key == "u:17"
    assert isinstance(arrival.event, Aliased)
    assert (arrival.event.name, arrival.event.previous_id) == ("alias", "old")


def test_what_the_source_said_of_the_time_is_kept_beside_the_corrected_one() -> None:
    """e.4."""
    event = arrive(
        {
            "type": "page",
            "originalTimestamp": "2031-01-01T00:00:00Z",
            "sentAt": "2031-01-01T00:00:05Z",
        }
    ).event

    assert isinstance(event, PageViewed)
    assert event.occurred_at == NOON - 5_000
    assert event.said_at == 1_924_992_000_000


def test_a_time_that_needed_no_correction_is_kept_once() -> None:
    event = arrive({"type": "page", "timestamp": "2026-11-22T11:00:00Z"}).event

    assert isinstance(event, PageViewed)
    assert (event.occurred_at, event.said_at) == (NOON - 3_600_000, None)


def test_the_path_of_a_call_goes_before_the_type_in_the_message() -> None:
    message: dict[str, object] = {"type": "track", "userId": "17", "traits": {"age": 30}}

    arrival = messages.arrive(message, origin=ORIGIN, call="identify")

    assert isinstance(arrival.event, Identified)


def test_the_context_of_a_batch_reaches_each_message_but_its_own_goes_first() -> None:
    origin = Origin(source="web", received_at=NOON, seed="s", context={"ip": "::1", "locale": "en"})

    event = arrive({"type": "page", "context": {"locale": "de"}}, origin).event

    assert isinstance(event, PageViewed)
    assert msgspec.json.decode(event.context) == {"ip": "::1", "locale": "de"}


def test_a_message_without_an_id_gets_one_by_its_place_in_the_body() -> None:
    message: dict[str, object] = {"type": "page", "userId": "17", "messageId": ""}
    first = messages.arrive(message, origin=ORIGIN, position=0)
    second = messages.arrive(message, origin=ORIGIN, position=1)

    assert first.event.id == messages.arrive(message, origin=ORIGIN).event.id
    assert first.event.id != second.event.id
    assert first.event.id == ids.derived("seed", 0)


def test_a_message_id_of_the_greatest_length_is_kept() -> None:
    message_id = "m" * limits.MESSAGE_ID_MAX_CHARS

    assert arrive({"type": "page", "messageId": message_id}).event.id == message_id


@pytest.mark.parametrize(
    ("message", "code", "path"),
    [
        ({}, "unknown_type", "type"),
        ({"type": None}, "unknown_type", "type"),
        ({"type": 5}, "unknown_type", "type"),
        ({"type": []}, "unknown_type", "type"),
        ({"type": "charge"}, "unknown_type", "type"),
        ({"type": "track"}, "missing_event", "event"),
        ({"type": "track", "event": ""}, "missing_event", "event"),
        ({"type": "track", "event": " "}, "missing_event", "event"),
        ({"type": "track", "event": 5}, "invalid_name", "event"),
        ({"type": "track", "event": "E", "properties": "x"}, "invalid_shape", "properties"),
        ({"type": "page", "properties": [1]}, "invalid_shape", "properties"),
        ({"type": "page", "name": {}}, "invalid_name", "name"),
        ({"type": "identify", "traits": 1}, "invalid_shape", "traits"),
        ({"type": "group", "groupId": 7, "traits": 1}, "invalid_shape", "traits"),
        ({"type": "group"}, "missing_group_id", "groupId"),
        ({"type": "alias"}, "missing_previous_id", "previousId"),
        ({"type": "alias", "previousId": "undefined"}, "missing_previous_id", "previousId"),
        (
            {"type": "identify", "traits": {"subscriptions": "all"}},
            "invalid_subscriptions",
            "traits.subscriptions",
        ),
        ({"type": "page", "context": "x"}, "invalid_shape", "context"),
        ({"type": "page", "userId": None}, "missing_identifier", "userId"),
        ({"type": "page", "messageId": "m" * 101}, "invalid_id", "messageId"),
        ({"type": "page", "messageId": "m\x00"}, "invalid_id", "messageId"),
        ({"type": "page", "timestamp": "soon"}, "invalid_timestamp", "timestamp"),
        ({"type": "page", "x": [[[[0]]]] * 300, "y": 2**64}, "number_out_of_range", "y"),
    ],
)
def test_a_bad_message_is_refused_with_code_and_path(
    message: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        messages.arrive({"userId": "17"} | message, origin=ORIGIN)

    assert (refusal.value.code, refusal.value.path) == (code, path)


@pytest.mark.parametrize("call", ["identify", "track", "page"])
def test_where_the_browsers_clock_stands_comes_with_every_call(call: str) -> None:
    """M020."""
    event = arrive(
        {"type": call, "event": "Song Played", "context": {"timezone": "Asia/Tokyo"}}
    ).event

    assert isinstance(event, Identified | Tracked | PageViewed)
    assert event.zones == {"browser": "Asia/Tokyo"}


@pytest.mark.parametrize("said", ["Mars/Olympus", "", 5, None, {"name": "Asia/Tokyo"}])
def test_a_browsers_zone_that_nobody_knows_says_nothing(said: object) -> None:
    event = arrive({"type": "page", "context": {"timezone": said}}).event

    assert isinstance(event, PageViewed)
    assert event.zones == {}


def test_an_identify_call_keeps_the_browsers_zone_beside_the_profiles() -> None:
    event = arrive(
        {
            "type": "identify",
            "traits": {"timezone": "Europe/Berlin"},
            "context": {"timezone": "Asia/Tokyo"},
        }
    ).event

    assert isinstance(event, Identified)
    assert event.zones == {"browser": "Asia/Tokyo", "profile": "Europe/Berlin"}
