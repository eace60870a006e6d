"""What becomes of a message, as others tell it."""

from typing import Final

import orjson
import pytest

from engine import ids
from engine.errors import RejectedError
from engine.events import Responded
from engine.intake import decoding, responses
from engine.intake.arrivals import Arrival, Origin

NOON: Final = 1_795_348_800_000
ORIGIN: Final = Origin(source="responses", received_at=NOON, seed="seed")
BOUNCE: Final[dict[str, object]] = {
    "messageId": "m1",
    "customerId": "17",
    "response": "bounced",
    "occurredAt": "2026-11-22T11:00:00Z",
    "channel": "email",
    "campaign": "cart",
    "code": 550,
    "reason": "no such mailbox",
}


def arrive(**changed: object) -> Arrival:
    return responses.arrive(decoding.message(orjson.dumps(BOUNCE | changed)), origin=ORIGIN)


def told(**changed: object) -> Responded:
    event = arrive(**changed).event
    assert isinstance(event, Responded)
    return event


def test_a_response_says_what_became_of_the_message() -> None:
    arrival = arrive()

    assert (arrival.key, arrival.kind) == ("u:17", "response")
    assert told() == Responded(
        id=ids.derived("m1", "bounced"),
        occurred_at=NOON - 3_600_000,
        source="responses",
        message_id="m1",
        channel="email",
        campaign="cart",
        response="bounced",
        code="550",
        reason="no such mailbox",
    )


def test_the_same_response_told_twice_has_one_id() -> None:
    assert told().id == told(occurredAt="2026-11-22T11:05:00Z").id


def test_each_click_is_a_response_of_its_own() -> None:
    first = told(response="clicked")
    second = told(response="clicked", occurredAt="2026-11-22T11:05:00Z")

    assert first.id != second.id
    assert first.id == told(response="clicked").id


def test_two_links_clicked_at_one_instant_are_two_clicks() -> None:
    """responses.md f.1: the URL tells them apart."""
    first = told(response="clicked", url="https://shop.example/a")
    second = told(response="clicked", url="https://shop.example/b")

    assert first.id != second.id
    assert first.id == told(response="clicked", url="https://shop.example/a").id


@pytest.mark.parametrize("response", ["deferred", "replied"])
def test_what_happens_several_times_is_told_apart_by_its_time(response: str) -> None:
    first = told(response=response)

    assert first.id != told(response=response, occurredAt="2026-11-22T11:05:00Z").id


def test_a_providers_own_id_tells_a_repetition() -> None:
    """responses.md f.1: by provider and its id, whatever else differs."""
    first = told(provider="ses", providerEventId="1")

    assert first.id == told(provider="ses", providerEventId=1, code="4.2.2").id
    assert first.id != told(provider="ses", providerEventId="2").id
    assert first.id != told(provider="mailgun", providerEventId="1").id
    assert told(id="evt-1", provider="ses", providerEventId="1").id == "evt-1"


def test_the_names_of_the_specification_mean_the_same() -> None:
    """responses.md f.1."""
    said = {
        "send_id": "m1",
        "customer_id": "17",
        "type": "bounced",
        "occurred_at": "2026-11-22T11:00:00Z",
        "channel": "email",
        "campaign": "cart",
        "code": 550,
        "reason_text": "no such mailbox",
        "user_agent": "curl",
        "machine": False,
        "permanent": True,
        "provider": "ses",
        "provider_event_id": "1",
    }
    canonical = {
        "userAgent": "curl",
        "isMachine": False,
        "isPermanent": True,
        "provider": "ses",
        "providerEventId": "1",
    }

    arrival = responses.arrive(decoding.message(orjson.dumps(said)), origin=ORIGIN)

    assert arrival == arrive(**canonical)
    assert told(**canonical).is_permanent is True


@pytest.mark.parametrize(
    ("given", "recipient"),
    [
        ("ada@Shop.IO", "ada@shop.io"),
        ("+49 151 23456789", "+4915123456789"),
        ("nobody", None),
        (["ada@shop.io"], None),
    ],
)
def test_the_recipient_is_normalised_as_a_contact_is(given: object, recipient: str | None) -> None:
    assert told(recipient=given).recipient == recipient


@pytest.mark.parametrize("response", ["deferred", "dropped", "replied", "resubscribed", "read"])
def test_every_word_of_the_specification_is_known(response: str) -> None:
    assert told(response=response).response == response


def test_an_id_of_the_source_is_kept() -> None:
    assert told(id="evt-1").id == "evt-1"


def test_a_visitor_is_named_by_the_public_id() -> None:
    assert arrive(customerId="anonymous:device").key == "a:device"


def test_what_a_provider_says_at_length_is_cut() -> None:
    event = told(code="c" * 101, reason="r" * 501, userAgent="u" * 257)

    assert (len(event.code or ""), len(event.reason or ""), len(event.user_agent or "")) == (
        responses.CODE_MAX_CHARS,
        responses.REASON_MAX_CHARS,
        responses.USER_AGENT_MAX_CHARS,
    )


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"customerId": None}, "missing_identifier", "customerId"),
        ({"customerId": "undefined"}, "missing_identifier", "customerId"),
        ({"customerId": "anonymous:"}, "invalid_id", "customerId"),
        ({"messageId": ""}, "missing_id", "messageId"),
        ({"response": "expired"}, "unknown_response", "response"),
        ({"response": "seen"}, "unknown_response", "response"),
        ({"providerEventId": [1]}, "invalid_id", "providerEventId"),
        ({"response": None}, "unknown_response", "response"),
        ({"occurredAt": None}, "invalid_timestamp", "occurredAt"),
        ({"channel": 1}, "invalid_name", "channel"),
        ({"id": [1]}, "invalid_id", "id"),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_place(
    changed: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as refused:
        arrive(**changed)

    assert (refused.value.code, refused.value.path) == (code, path)
