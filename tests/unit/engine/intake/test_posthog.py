"""PostHog's events in the words of a tracker message."""

from typing import Final

import msgspec
import pytest

from engine.errors import RejectedError
from engine.intake import decoding, messages, posthog
from engine.intake.arrivals import Arrival, Origin

ORIGIN: Final = Origin(source="web", received_at=1_795_348_800_000, seed="seed")
EVENT: Final[dict[str, object]] = {"event": "Asked", "distinct_id": "ada", "uuid": "u-1"}


def told(said: dict[str, object]) -> dict[str, object]:
    return posthog.message(msgspec.json.encode(said))


def arrived(said: dict[str, object]) -> Arrival:
    return messages.arrive(told(said), origin=ORIGIN)


def test_an_event_is_tracked_under_its_own_name_and_id() -> None:
    arrival = arrived(EVENT | {"properties": {"how": "politely", "$lib": "web"}})

    assert (arrival.key, arrival.event.id, arrival.event.name) == ("u:ada", "u-1", "Asked")


def test_what_the_sdk_adds_is_context_and_no_property() -> None:
    message = told(
        EVENT
        | {
            "properties": {
                "how": "politely",
                "token": "write-1",
                "distinct_id": "ada",
                "$current_url": "https://shop.example/",
                "$referrer": "$direct",
                "$lib": "web",
                "$timezone": "Europe/Berlin",
                "$insert_id": "i",
                "utm_campaign": "autumn",
            }
        }
    )

    assert message["properties"] == {"how": "politely", "utm_campaign": "autumn"}
    assert message["context"] == {
        "timezone": "Europe/Berlin",
        "page": {"url": "https://shop.example/"},
        "library": {"name": "web"},
        "campaign": {"name": "autumn"},
    }


@pytest.mark.parametrize(
    ("properties", "user", "visitor"),
    [
        ({}, "ada", None),
        ({"$is_identified": True, "$device_id": "d"}, "ada", None),
        ({"$is_identified": False, "$device_id": "ada"}, None, "ada"),
        ({"$process_person_profile": False}, None, "ada"),
        ({"$device_id": "ada"}, None, "ada"),
        ({"$device_id": "d"}, "ada", None),
        ({"$is_identified": True, "$anon_distinct_id": "d"}, "ada", "d"),
    ],
)
def test_a_distinct_id_is_a_customer_or_a_visitor(
    properties: dict[str, object], user: str | None, visitor: str | None
) -> None:
    message = told(EVENT | {"properties": properties})

    assert (message.get("userId"), message.get("anonymousId")) == (user, visitor)


@pytest.mark.parametrize("event", ["$identify", "$set"])
@pytest.mark.parametrize("is_beside", [True, False])
def test_traits_stand_beside_the_properties_or_among_them(event: str, is_beside: bool) -> None:  # noqa: FBT001
    traits: dict[str, object] = {"$set": {"email": "ada@shop.example", "$initial_os": "Linux"}}
    said = EVENT | {"event": event} | (traits if is_beside else {"properties": traits})

    message = told(said)

    assert (message["type"], message["traits"]) == ("identify", {"email": "ada@shop.example"})


def test_an_event_that_brings_traits_is_two() -> None:
    said = EVENT | {"timestamp": "2026-11-22T12:00:00Z", "properties": {"$set": {"plan": "pro"}}}

    brought = posthog.traits_of(said)

    assert brought is not None
    arrival = messages.arrive(posthog.converted(brought), origin=ORIGIN)
    assert (arrival.key, arrival.event.id) == ("u:ada", "u-1:set")
    assert posthog.traits_of(brought) is None
    assert posthog.traits_of(EVENT | {"properties": {"$set": {"$os": "Linux"}}}) is None


def test_pages_screens_aliases_and_groups_are_calls_of_their_own() -> None:
    page = told(
        EVENT | {"event": "$pageview", "properties": {"$current_url": "u", "title": "Home"}}
    )
    screen = told(EVENT | {"event": "$screen", "properties": {"$screen_name": "Start"}})
    alias = told(EVENT | {"event": "$create_alias", "properties": {"alias": "old"}})
    group = told(
        EVENT | {"event": "$groupidentify", "properties": {"$group_key": "g", "$group_type": "c"}}
    )

    assert (page["type"], page["properties"]) == ("page", {"url": "u", "title": "Home"})
    assert (screen["type"], screen["name"]) == ("screen", "Start")
    assert (alias["type"], alias["userId"], alias["previousId"]) == ("alias", "ada", "old")
    assert (group["type"], group["groupId"], group["userId"]) == ("group", "g", "ada")


def test_a_group_told_by_a_server_is_nobodys() -> None:
    said: dict[str, object] = {
        "event": "$groupidentify",
        "distinct_id": "$company_g1",
        "properties": {"$group_type": "company", "$group_key": "g1"},
    }

    assert told(said)["userId"] is None


def test_a_message_of_segments_shape_is_left_as_it_is() -> None:
    payload = b'{"type":"track","userId":"ada","event":"E","properties":{"distinct_id":"x"}}'

    assert posthog.message(payload) == decoding.message(payload)


def test_a_name_that_is_a_list_is_refused_like_any_bad_name() -> None:
    assert posthog.traits_of({"event": ["$set"], "distinct_id": "ada", "$set": {"a": 1}})
    with pytest.raises(RejectedError):
        arrived(EVENT | {"event": ["$set"]})
