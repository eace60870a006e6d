"""200 means that Kafka has it; everything else means "send it again", or says what is wrong."""

import time
from decimal import Decimal

from engine.events import CartItemAdded, PageViewed, Tracked
from engine.transactions import ReceiptIssued
from tests.integration.collector import serving
from tests.integration.collector.serving import SECRET, Log, Served
from tests.support.brokers import fresh_name

PAGE = {"type": "page", "userId": "17"}


async def test_an_answered_message_stands_in_the_log(served: Served, log: Log) -> None:
    user = fresh_name("user")
    message = {
        "userId": user,
        "event": "Product Added",
        "messageId": "m1",
        "properties": {"product_id": "p1", "price": 33.2},
    }

    answer = await served.post("/v1/track", message)

    assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    records = await log.records()
    assert [(record.topic, record.key) for record in records] == [("events", b"u:" + user.encode())]
    assert dict(records[0].headers) == {"kind": b"tracker"}


async def test_what_was_sent_is_what_the_log_holds(served: Served, log: Log) -> None:
    await served.post(
        "/v1/t",
        b'{"userId":"17","event":"Product Added","properties":{"product_id":1,"price":33.20}}',
    )

    (event,) = await log.events()
    assert isinstance(event, CartItemAdded)
    assert (event.source, event.product.id) == ("web", "1")
    assert str(event.product.price) == "33.20"


async def test_a_bad_message_does_not_spoil_the_batch(served: Served, log: Log) -> None:
    batch = [PAGE, {"type": "page"}, PAGE, "text", {"type": "track", "userId": "17"}]

    answer = await served.post("/v1/batch", {"batch": batch})

    assert (answer.status_code, answer.json()) == (200, {"success": True, "rejected": 3})
    records = await log.records()
    assert [record.topic for record in records].count("events") == 2
    assert [record.topic for record in records].count("dead-letters") == 3


async def test_a_refused_message_is_kept_with_its_reason(served: Served, log: Log) -> None:
    body = b'{"batch":[{"type":"page","userId":1}, {"type" : "page", "userId" : true}]}'

    await served.post("/v1/batch", body)
    (letter,) = await log.refused()

    assert (letter.place, letter.code, letter.path) == (
        "collector",
        "invalid_id",
        "batch[1].userId",
    )
    assert letter.payload == b'{"type" : "page", "userId" : true}'
    assert letter.source == "web"


async def test_a_single_bad_message_is_answered_as_segment_does(served: Served, log: Log) -> None:
    answer = await served.post("/v1/track", {"userId": "17"})

    assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    (letter,) = await log.refused()
    assert (letter.code, letter.path) == ("missing_event", "event")


async def test_a_strict_request_with_a_bad_message_keeps_nothing(served: Served, log: Log) -> None:
    answer = await served.post("/v1/batch?strict=1", {"batch": [PAGE, {"type": "page"}]})

    assert answer.status_code == 400
    assert answer.json()["code"] == "missing_identifier"
    assert [flaw["path"] for flaw in answer.json()["errors"]] == ["batch[1].userId"]
    assert await log.records() == []


async def test_a_strict_request_without_flaws_is_kept(served: Served, log: Log) -> None:
    answer = await served.post("/v1/batch?strict=1", {"batch": [PAGE]})

    assert answer.status_code == 200
    assert len(await log.events()) == 1


async def test_the_same_body_again_gives_the_same_events(served: Served, log: Log) -> None:
    body = {"batch": [PAGE, PAGE], "sentAt": "2026-11-22T12:00:00Z"}

    await served.post("/v1/batch", body)
    await served.post("/v1/batch", body)

    ids = [event.id for event in await log.events()]
    assert len(ids) == 4
    assert len(set(ids)) == 2


async def test_the_same_refusal_again_is_the_same_dead_letter(served: Served, log: Log) -> None:
    await served.post("/v1/batch", {"batch": [{}]})
    await served.post("/v1/batch", {"batch": [{}]})

    first, second = await log.refused()
    assert first.id == second.id


async def test_the_context_of_a_batch_and_its_clock_reach_each_message(
    served: Served, log: Log
) -> None:
    body = {
        "batch": [PAGE | {"timestamp": "2031-01-01T00:00:00Z"}],
        "context": {"ip": "::1"},
        "sentAt": "2031-01-01T00:00:05Z",
    }

    await served.post("/v1/batch", body)

    (event,) = await log.events()
    assert isinstance(event, PageViewed)
    assert abs(time.time() * 1000 - 5_000 - event.occurred_at) < 4_000
    assert bytes(event.context) == b'{"ip":"::1"}'


async def test_a_whole_batch_of_the_greatest_size_is_kept(served: Served, log: Log) -> None:
    user = fresh_name("user")
    batch = [{"type": "track", "event": "E", "userId": user, "messageId": n} for n in range(2_500)]

    answer = await served.post("/v1/batch", {"batch": batch})

    assert answer.json() == {"success": True}
    events = await log.events()
    assert all(isinstance(event, Tracked) for event in events)
    assert [event.id for event in events] == [str(n) for n in range(2_500)]


async def test_receipts_of_the_back_office_are_kept(served: Served, log: Log) -> None:
    receipt = {
        "id": "r1",
        "customerId": "17",
        "occurredAt": "2026-11-22T12:00:00Z",
        "updatedAt": "2026-11-22T12:00:00Z",
        "total": "10.00",
    }

    answer = await served.post(
        "/v1/receipts",
        {"batch": [receipt, receipt | {"customerId": None, "email": "a@b.c"}]},
        SECRET,
    )

    assert answer.json() == {"success": True, "rejected": 1}
    (event,) = await log.events()
    assert isinstance(event, ReceiptIssued)
    assert (event.total, event.source) == (Decimal("10.00"), "back-office")


async def test_a_broker_that_is_away_is_told_within_the_time_limit(deserted: Served) -> None:
    started_at = time.monotonic()

    answer = await deserted.post("/v1/batch", {"batch": [PAGE] * 10})

    assert answer.status_code == 503
    assert answer.headers["retry-after"].isdecimal()
    assert answer.json()["code"] == "not_acknowledged"
    assert time.monotonic() - started_at < 2


async def test_a_bad_message_is_not_answered_before_it_is_kept_either(deserted: Served) -> None:
    assert (await deserted.post("/v1/track", {"userId": "17"})).status_code == 503


async def test_a_full_queue_is_told_at_once() -> None:
    async with serving.collector(
        brokers="127.0.0.1:1", acknowledge_timeout_ms=200, max_waiting_count=10
    ) as served:
        await served.post("/v1/batch", {"batch": [PAGE] * 10})
        started_at = time.monotonic()
        answer = await served.post("/v1/track", PAGE | {"event": "E"})

    assert (answer.status_code, answer.json()["code"]) == (503, "queue_full")
    assert answer.headers["retry-after"].isdecimal()
    assert time.monotonic() - started_at < 0.2


async def test_a_full_log_is_told_before_anything_is_read() -> None:
    async with serving.collector(
        brokers="127.0.0.1:1", acknowledge_timeout_ms=300, is_full=lambda: True
    ) as served:
        answer = await served.post("/v1/batch", b"no json", {})

    assert (answer.status_code, answer.json()["code"]) == (503, "full")
    assert int(answer.headers["retry-after"]) > 0
