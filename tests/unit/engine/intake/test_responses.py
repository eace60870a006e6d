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
        ({"response": "read"}, "unknown_response", "response"),
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
