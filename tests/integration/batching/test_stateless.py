"""An application without a table, in the process of the test."""

import asyncio
import gc
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from agents.batching import running
from agents.batching.app import BatchApp
from agents.batching.chunks import Chunk
from agents.batching.tuning import Tuning
from tests.support.brokers import Broker, fresh_name
from tests.support.waiting import eventually

QUICKLY = Tuning(max_batch=30, commit_interval_s=0.2)


class Collecting:
    """Keeps the offsets of each chunk."""

    def __init__(self, broker: Broker, topic: str, *, tuning: Tuning = QUICKLY) -> None:
        self.chunks: list[list[int]] = []
        self.arrived_s: list[float] = []
        self.group = fresh_name("group")
        self.app = BatchApp(self.group, brokers=broker.address, tuning=tuning)
        self.app.chunks_of(topic, partitions=1)(self._collect)

    async def _collect(self, chunk: Chunk) -> None:
        self.arrived_s.append(time.monotonic())
        self.chunks.append([record.offset for record in chunk.records])

    @property
    def offsets(self) -> list[int]:
        """In the order of arrival."""
        return [offset for chunk in self.chunks for offset in chunk]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Until the block ends."""
        stop = asyncio.Event()
        task = asyncio.create_task(running.until_stopped(self.app, stop=stop))
        yield
        stop.set()
        await task


def filled(broker: Broker, count: int) -> str:
    topic = broker.new_topic()
    producer = Producer({"bootstrap.servers": broker.address})
    for number in range(count):
        producer.produce(topic, b"%d" % number, b"k", 0)
    assert producer.flush(20) == 0
    return topic


def committed(broker: Broker, group: str, topic: str) -> int:
    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": group})
    [place] = consumer.committed([TopicPartition(topic, 0)], timeout=10)
    consumer.close()
    return place.offset


async def test_records_arrive_in_order_in_chunks_of_the_chosen_size(broker: Broker) -> None:
    topic = filled(broker, 100)
    collecting = Collecting(broker, topic)

    async with collecting.running():
        await eventually(lambda: len(collecting.offsets) == 100, within_s=20)

    assert collecting.offsets == list(range(100))
    assert max(map(len, collecting.chunks)) <= 30
    assert committed(broker, collecting.group, topic) == 100


async def stops_while_it_starts(broker: Broker) -> bool:
    collecting = Collecting(broker, filled(broker, 1))
    async with asyncio.timeout(20), collecting.running():
        await eventually(lambda: collecting.app.started, within_s=20)
    return collecting.app.should_stop


# The Kafka client leaves sockets behind when it is stopped while it connects; the process that
# stops ends, and they with it. Here they are collected before another test is blamed for them.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_stop_while_it_starts_ends_it(broker: Broker) -> None:
    assert await stops_while_it_starts(broker)

    gc.collect()


async def test_a_backlog_arrives_whole(broker: Broker) -> None:
    count = 40_000
    topic = filled(broker, count)
    collecting = Collecting(broker, topic, tuning=Tuning())

    async with collecting.running():
        await eventually(lambda: len(collecting.offsets) == count, within_s=20)
    took_s = collecting.arrived_s[-1] - collecting.arrived_s[0]
    sys.stdout.write(f"{broker.name}: {count / took_s:,.0f} records/s\n")

    assert collecting.offsets == list(range(count))


@pytest.mark.kafka
async def test_a_group_whose_records_expired_goes_on_at_the_beginning_of_the_log(
    kafka_broker: Broker,
) -> None:
    topic = filled(kafka_broker, 100)
    collecting = Collecting(kafka_broker, topic)
    place = TopicPartition(topic, 0, 10)
    consumer = Consumer({"bootstrap.servers": kafka_broker.address, "group.id": collecting.group})
    consumer.commit(offsets=[place], asynchronous=False)
    consumer.close()
    admin = AdminClient({"bootstrap.servers": kafka_broker.address})
    for deleted in admin.delete_records([TopicPartition(topic, 0, 60)]).values():
        deleted.result(10)

    async with collecting.running():
        await eventually(lambda: collecting.offsets, within_s=20)
        await eventually(lambda: collecting.app.lag(topic) == {0: 0}, within_s=20)

    assert collecting.offsets == list(range(60, 100))
