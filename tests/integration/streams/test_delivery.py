"""Appending: in order, nothing lost, and an honest answer when the broker does not answer."""

import asyncio
import os
import signal
import time
from collections import defaultdict

import pytest

from streams.consumer import Reader
from streams.errors import FatalProduceError, ProduceError, TopicMissingError
from streams.positions import Beginning
from streams.producer import Producer
from streams.records import Position, Received, Record
from tests.support import brokers, kafka, processes
from tests.support.brokers import Broker

WRITERS = 20
BATCHES = 20
BATCH = 25


async def read_all(broker: Broker, topic: str) -> list[Received]:
    async with Reader(brokers=broker.address) as reader:
        await reader.assign_topics([topic], start=Beginning())
        return [record async for batch in reader.read_to_end() for record in batch]


async def test_concurrent_writers_lose_and_reorder_nothing(broker: Broker) -> None:
    topic = broker.new_topic(partitions=4)

    async def write(producer: Producer, writer: int) -> None:
        for batch in range(BATCHES):
            await producer.deliver(
                [
                    Record(topic=topic, key=b"%d" % writer, value=b"%d" % (batch * BATCH + n))
                    for n in range(BATCH)
                ]
            )

    # A bound far below what they want to append at once: they wait for room, too.
    async with Producer(brokers=broker.address, max_waiting_count=60) as producer:
        await asyncio.gather(*(write(producer, writer) for writer in range(WRITERS)))

    by_writer = defaultdict(list)
    for record in await read_all(broker, topic):
        by_writer[record.key].append(int(record.value or b""))
    assert by_writer == {b"%d" % writer: list(range(BATCHES * BATCH)) for writer in range(WRITERS)}


async def test_batches_of_one_writer_do_not_overtake_each_other(broker: Broker) -> None:
    topic = broker.new_topic()

    async with Producer(brokers=broker.address, max_waiting_count=10) as producer:
        await asyncio.gather(
            *(
                producer.deliver(
                    [Record(topic=topic, key=b"k", value=b"%d" % batch) for _ in range(4)]
                )
                for batch in range(100)
            )
        )

    found = [int(record.value or b"") for record in await read_all(broker, topic)]
    assert found == [batch for batch in range(100) for _ in range(4)]


async def test_positions_are_those_of_the_records(broker: Broker) -> None:
    topic = broker.new_topic(partitions=4)
    records = [Record(topic=topic, key=b"%d" % n, value=b"%d" % n) for n in range(500)]

    async with Producer(brokers=broker.address) as producer:
        positions = await producer.deliver(records)

    found = {
        Position(topic=topic, partition=record.partition, offset=record.offset): record.value
        for record in await read_all(broker, topic)
    }
    assert [found[position] for position in positions] == [record.value for record in records]


async def test_a_partition_that_is_not_there_fails_its_record_and_those_behind_it(
    broker: Broker,
) -> None:
    topic = broker.new_topic()

    async with Producer(brokers=broker.address, message_timeout_ms=2_000) as producer:
        await producer.deliver([Record(topic=topic, key=b"k", value=b"0")])
        with pytest.raises(ProduceError) as caught:
            await producer.deliver(
                [
                    Record(topic=topic, key=b"k", value=b"1"),
                    Record(topic=topic, key=b"k", value=b"2", partition=7),
                    Record(topic=topic, key=b"k", value=b"3"),
                ]
            )

    assert caught.value.positions == [Position(topic=topic, partition=0, offset=1), None, None]
    assert set(caught.value.failures.values()) == {"_UNKNOWN_PARTITION"}


@pytest.mark.kafka
async def test_a_topic_that_is_not_there_fails_and_is_not_made(kafka_broker: Broker) -> None:
    topic = brokers.fresh_name("nobody-made")

    async with Producer(brokers=kafka_broker.address, message_timeout_ms=1_000) as producer:
        with pytest.raises(ProduceError):
            await producer.deliver([Record(topic=topic, key=b"k", value=b"v")])

    async with Reader(brokers=kafka_broker.address) as reader:
        with pytest.raises(TopicMissingError):
            await reader.partitions([topic])


async def test_a_broker_that_died_is_noticed_within_the_time_out() -> None:
    with brokers.embedded() as broker:
        topic = broker.new_topic()
        async with Producer(brokers=broker.address, message_timeout_ms=3_000) as producer:
            await producer.deliver([Record(topic=topic, key=b"k", value=b"v")])
            os.kill(broker.pid, signal.SIGKILL)
            started_at = time.monotonic()

            with pytest.raises(ProduceError, match="Connection refused"):
                await producer.deliver([Record(topic=topic, key=b"k", value=b"v")])

            assert time.monotonic() - started_at < 5


async def freeze(broker: Broker, producer: Producer, topic: str) -> float:
    """Let one delivery meet a broker that does not answer; return how long it took, in s."""
    await producer.deliver([Record(topic=topic, key=b"k", value=b"before")])
    processes.freeze(broker.pid)
    started_at = time.monotonic()
    with pytest.raises(ProduceError):
        await producer.deliver([Record(topic=topic, key=b"k", value=b"frozen")])
    waited_s = time.monotonic() - started_at
    processes.wake(broker.pid)
    return waited_s


@pytest.mark.kafka
async def test_a_frozen_kafka_is_noticed_and_once_awake_served_in_order(
    kafka_broker: Broker,  # noqa: ARG001 - skips where there is none
) -> None:
    with kafka.running() as broker:
        topic = broker.new_topic()
        async with Producer(brokers=broker.address, message_timeout_ms=3_000) as producer:
            waited_s = await freeze(broker, producer, topic)

            await producer.deliver([Record(topic=topic, key=b"k", value=b"after")])

            values = [record.value for record in await read_all(broker, topic)]
            assert waited_s < 5
            assert values in ([b"before", b"after"], [b"before", b"frozen", b"after"])


async def test_after_a_time_out_the_embedded_broker_wants_a_new_producer() -> None:
    """It does not know a producer's next epoch, which is what keeps the order after a time-out.

    So the gapless guarantee strikes: fatal, told to everybody at once, and nothing hangs.
    """
    with brokers.embedded() as broker:
        topic = broker.new_topic()
        async with Producer(brokers=broker.address, message_timeout_ms=3_000) as producer:
            await freeze(broker, producer, topic)

            with pytest.raises(FatalProduceError):
                await producer.deliver([Record(topic=topic, key=b"k", value=b"after")])
            with pytest.raises(FatalProduceError):
                producer.hand_over([Record(topic=topic, key=b"k", value=b"later")])

        async with Producer(brokers=broker.address) as producer:
            await producer.deliver([Record(topic=topic, key=b"k", value=b"after")])
