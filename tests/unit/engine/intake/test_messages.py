"""One tracker message in, an arrival or a refusal out."""

from typing import Final

import msgspec
import orjson
import pytest

from engine import ids
from engine.errors import RejectedError
from engine.events import Aliased, Identified, PageViewed, Tracked
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
    assert event.traits == {"age": 30}
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


def test_group_is_tracked_under_its_name() -> None:
    event = arrive({"type": "group", "groupId": "g1", "traits": {"plan": "pro"}}).event

    assert isinstance(event, Tracked)
    assert event.name == "group"
    assert msgspec.json.decode(event.properties) == {"groupId": "g1", "traits": {"plan": "pro"}}


def test_alias_says_which_id_the_customer_had_before() -> None:
    event = arrive({"type": "alias", "previousId": "old"}).event

    assert isinstance(event, Aliased)
    assert event.previous_id == "old"
    assert msgspec.json.decode(event.properties) == {"previousId": "old"}


@pytest.mark.parametrize("nobody", [None, "", "null", "00000000-0000-0000-0000-000000000000"])
def test_alias_of_nobody_is_only_tracked(nobody: object) -> None:
    event = arrive({"type": "alias", "previousId": nobody}).event

    assert isinstance(event, Tracked)
    assert event.name == "alias"


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
        ({"type": "group", "traits": 1}, "invalid_shape", "traits"),
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
