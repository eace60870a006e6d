"""Bodies as PostHog's SDKs send them, whatever they are packed in."""

import base64
import gzip
from typing import Final
from urllib.parse import quote

import msgspec
import pytest

from api.collector import posthog
from api.errors import ProblemError

EVENT: Final = {"event": "Asked", "distinct_id": "ada", "properties": {"text": "Grüße"}}
BATCH: Final = msgspec.json.encode(
    {"api_key": "write-1", "sent_at": "2026-11-22T12:00:00Z", "batch": [EVENT]}
)
FORM: Final = b"data="


@pytest.mark.parametrize(
    "body",
    [
        BATCH,
        gzip.compress(BATCH),
        FORM + quote(base64.b64encode(BATCH)).encode(),
        FORM + base64.b64encode(BATCH),
        FORM + quote(BATCH).encode(),
        FORM + quote(base64.b64encode(gzip.compress(BATCH))).encode(),
    ],
    ids=["plain", "gzip", "base64", "unquoted base64", "form", "gzip as base64"],
)
def test_a_batch_is_the_same_in_every_packing(body: bytes) -> None:
    found = posthog.read(body)

    assert [msgspec.json.decode(payload) for payload in found.payloads] == [EVENT]
    assert (found.key, found.sent_at, found.is_batch) == ("write-1", "2026-11-22T12:00:00Z", True)


@pytest.mark.parametrize("name", ["api_key", "token"])
def test_one_event_may_be_the_whole_body(name: str) -> None:
    found = posthog.read(msgspec.json.encode(EVENT | {name: "write-1"}))

    assert (len(found.payloads), found.key, found.is_batch) == (1, "write-1", False)


def test_a_list_of_events_has_its_key_in_each() -> None:
    event = EVENT | {"properties": {"token": "write-1"}}

    found = posthog.read(msgspec.json.encode([event, event]))

    assert (len(found.payloads), found.key) == (2, "write-1")


def test_traits_that_an_event_brings_along_follow_it() -> None:
    event = EVENT | {"uuid": "u-1", "$set": {"plan": "pro"}}

    first, second = posthog.read(msgspec.json.encode({"batch": [event]})).payloads

    assert msgspec.json.decode(first) == event
    assert msgspec.json.decode(second)["uuid"] == "u-1:set"


def test_a_batch_of_segments_shape_is_left_as_it_is() -> None:
    message = {"type": "identify", "userId": "ada", "traits": {"$set": 1}}
    body = {"writeKey": "write-1", "sentAt": "now", "context": {"ip": "::1"}, "batch": [message]}

    found = posthog.read(msgspec.json.encode(body))

    assert [msgspec.json.decode(payload) for payload in found.payloads] == [message]
    assert (found.key, found.sent_at, found.context) == ("write-1", "now", {"ip": "::1"})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"data=%%%", "invalid_form"),
        (b"data=N4Ig#", "invalid_form"),
        (b"\x1f\x8bnothing", "invalid_gzip"),
        (gzip.compress(BATCH)[:-9], "invalid_gzip"),
        (gzip.compress(b" " * 400_000), "ratio_too_high"),
        (b"", "invalid_json"),
        (b"[", "invalid_json"),
        (b"[1", "invalid_json"),
        (b"1", "invalid_shape"),
        (b'{"batch":1}', "invalid_shape"),
        (b"\xff", "invalid_json"),
        (b"[" * 5_000, "too_deep"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(body: bytes, code: str) -> None:
    with pytest.raises(ProblemError) as refusal:
        posthog.read(body)

    assert refusal.value.code == code


def test_an_event_that_is_no_object_does_not_spoil_the_rest() -> None:
    body = b'{"api_key":"write-1","batch":[1,"\\"$set\\"",{"event":"E","distinct_id":"ada"}]}'

    assert len(posthog.read(body).payloads) == 3
