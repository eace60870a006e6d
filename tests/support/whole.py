"""A broker of a test's own with all topics, and the whole of a log read back."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agents.worker.batches import LogRecord
from streams.admin import Admin
from streams.consumer import Reader
from streams.positions import Beginning
from streams.records import CAUSE_HEADER, FORWARDED_HEADER, KIND_HEADER
from tests.support import brokers, kafka
from tests.support.brokers import Broker

PARTITIONS = 4


@contextmanager
def own_broker(name: str, *, require_kafka: bool) -> Iterator[Broker]:
    """Run a fresh broker: its topics have the product's own names."""
    if name == "embedded":
        with brokers.embedded() as broker:
            yield broker
        return
    try:
        with kafka.running() as broker:
            yield broker
    except kafka.KafkaUnavailableError as error:
        if require_kafka:
            raise
        pytest.skip(str(error))


async def make_topics(broker: Broker) -> None:
    """Every topic of the product."""
    await Admin(brokers=broker.address).ensure_topics(partition_count=PARTITIONS)


async def read_all(broker: Broker, topic: str) -> dict[int, list[LogRecord]]:
    """A topic from its beginning to its end now, by partition."""
    found: dict[int, list[LogRecord]] = {}
    async with Reader(brokers=broker.address) as reader:
        await reader.assign_topics([topic], start=Beginning())
        async for records in reader.read_to_end():
            for record in records:
                found.setdefault(record.partition, []).append(
                    LogRecord(
                        key=record.key,
                        value=record.value,
                        kind=record.headers.get(KIND_HEADER, b""),
                        cause=record.headers.get(CAUSE_HEADER),
                        offset=record.offset,
                        logged_at=record.logged_at,
                        origin=record.headers.get(FORWARDED_HEADER, b""),
                    )
                )
    return found
