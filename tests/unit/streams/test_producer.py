"""What holds without any broker; port 1 is nobody's."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from streams.errors import FatalProduceError, ProduceError, QueueFullError, RecordTooLargeError
from streams.producer import MAX_RECORD_BYTES, Producer
from streams.records import Record

NOBODY = "127.0.0.1:1"


def record(value: bytes = b"v") -> Record:
    return Record(topic="events", key=b"k", value=value)


@asynccontextmanager
async def lonely(
    *, max_waiting_count: int = 10, max_waiting_bytes: int = 10_000_000
) -> AsyncIterator[Producer]:
    producer = Producer(
        brokers=NOBODY,
        message_timeout_ms=300,
        max_waiting_count=max_waiting_count,
        max_waiting_bytes=max_waiting_bytes,
    )
    yield producer
    await producer.close(deadline_ms=0)


async def test_a_record_that_nobody_takes_fails_within_the_time_out() -> None:
    async with lonely() as producer:
        started_at = time.monotonic()

        with pytest.raises(ProduceError) as caught:
            await producer.deliver([record(), record()])

        assert time.monotonic() - started_at < 2
        assert caught.value.positions == [None, None]
        assert caught.value.failures == {0: "_MSG_TIMED_OUT", 1: "_MSG_TIMED_OUT"}


async def test_a_full_queue_refuses_at_once_and_takes_nothing() -> None:
    async with lonely(max_waiting_count=3) as producer:
        producer.hand_over([record(), record()])

        with pytest.raises(QueueFullError) as caught:
            producer.hand_over([record(), record()])

        assert caught.value.waiting_count == 2


async def test_the_queue_is_bounded_by_bytes_too() -> None:
    async with lonely(max_waiting_bytes=500) as producer:
        producer.hand_over([record(b"x" * 300)])

        with pytest.raises(QueueFullError):
            producer.hand_over([record(b"x" * 300)])


async def test_a_full_queue_has_room_again_when_its_records_are_settled() -> None:
    async with lonely(max_waiting_count=1) as producer:
        producer.hand_over([record()])

        # Waits for the room, then for its own time-out.
        with pytest.raises(ProduceError):
            await producer.deliver([record()])


async def test_a_batch_above_the_bounds_passes_alone() -> None:
    async with lonely(max_waiting_count=1) as producer:
        delivery = producer.hand_over([record(), record()])

        assert len(delivery.records) == 2


async def test_a_record_no_broker_takes_is_rejected_before_anything_is_handed_over() -> None:
    async with lonely(max_waiting_count=2) as producer:
        with pytest.raises(RecordTooLargeError):
            await producer.deliver([record(), record(b"x" * MAX_RECORD_BYTES)])

        assert producer.hand_over([record(), record()]) is not None


async def test_nothing_is_delivered_at_once() -> None:
    async with lonely() as producer:
        assert await producer.deliver([]) == []


async def test_closing_fails_what_is_left() -> None:
    producer = Producer(brokers=NOBODY, message_timeout_ms=60_000)
    delivery = producer.hand_over([record()])

    await producer.close(deadline_ms=10)

    with pytest.raises(ProduceError):
        await delivery.acknowledged()


async def test_a_closed_producer_takes_nothing_instead_of_never_answering() -> None:
    producer = Producer(brokers=NOBODY)
    await producer.close()

    with pytest.raises(FatalProduceError, match="it was closed"):
        await producer.deliver([record()])
