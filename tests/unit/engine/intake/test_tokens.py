"""Push tokens that apps tell with every event."""

import pytest

from engine.addresses import Token
from engine.events import SourceEvent
from engine.intake import messages, tokens
from engine.intake.arrivals import Origin

NOON = 1_795_435_200_000
APPLE = "a1" * 32
FIREBASE = "dGhpcyBpcw:APA91bH-x_y"


@pytest.mark.parametrize(
    ("context", "service"),
    [
        ({"device": {"token": APPLE, "type": "ios"}}, "apns"),
        ({"device": {"token": FIREBASE, "type": "iOS"}}, "fcm"),
        ({"device": {"token": FIREBASE, "type": "android"}}, "fcm"),
        ({"device": {"token": FIREBASE}, "os": {"name": "Android"}}, "fcm"),
        ({"device": {"token": APPLE, "model": "iPhone15,3"}, "os": {"name": "iPadOS"}}, "apns"),
        ({"device": {"token": "t", "type": "android", "tokenType": "huawei"}}, "huawei"),
        ({"device": {"token": "t", "type": "android", "tokenType": "rustore"}}, "rustore"),
    ],
)
def test_the_service_is_told_by_the_device_or_its_system(
    context: dict[str, object], service: str
) -> None:
    found = tokens.of_context(context, at=NOON)

    assert found is not None
    assert (found.type, found.given_at) == (service, NOON)


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"device": "phone"},
        {"device": {"type": "ios"}},
        {"device": {"token": "", "type": "ios"}},
        {"device": {"token": 7, "type": "ios"}},
        {"device": {"token": "t" * 1_001, "type": "ios"}},
        {"device": {"token": "t\n", "type": "android"}},
        {"device": {"token": "t", "type": "desktop"}},
        {"device": {"token": "t"}, "os": "Android"},
    ],
)
def test_what_is_no_token_of_a_known_service_is_none(context: dict[str, object]) -> None:
    assert tokens.of_context(context, at=NOON) is None


def test_any_event_of_an_app_tells_its_token() -> None:
    """Of the batch's context too, where the SDK puts it there."""
    message: dict[str, object] = {"type": "track", "event": "Opened", "userId": "ada"}
    origin = Origin(
        source="app",
        received_at=NOON,
        seed="s",
        context={"device": {"token": FIREBASE, "type": "android"}},
    )

    event = messages.arrive(message, origin=origin).event

    assert isinstance(event, SourceEvent)
    assert event.token == Token(type="fcm", value=FIREBASE, given_at=NOON)
