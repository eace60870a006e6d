"""Where a partition's log ends, truly.

The embedded broker answers ListOffsets(LATEST) with the base offset of the last batch plus one:
after one batch of 500 records it says 1. Whoever believes it stops reading too early. The high
watermark in a Fetch answer is right on every broker, so we fetch at the listed end and look at
that; librdkafka keeps it for each partition it fetches.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Final

import confluent_kafka
from confluent_kafka import KafkaException, TopicPartition

from streams import client, messages
from streams.errors import BrokerAwayError
from streams.records import Position

Partition = tuple[str, int]
"""Topic and number."""

POLL_S: Final = 0.05


def true_ends(
    *, brokers: str, partitions: Sequence[Partition], timeout_ms: int = 10_000
) -> dict[Partition, int]:
    """Find the offset after the last record, for each partition, as of now or a little later.

    Blocks: call it in a thread. One connection, and one small fetch for each partition.

    Raises:
        BrokerAwayError: no answer in time.
        TopicMissingError: the broker does not know the topic.
    """
    deadline = time.monotonic() + timeout_ms / 1000
    settings = client.consumer_settings(brokers=brokers) | {"fetch.message.max.bytes": 1024}
    consumer = confluent_kafka.Consumer(settings)
    try:
        listed = listed_bounds(consumer, brokers=brokers, partitions=partitions, deadline=deadline)
        ends = {partition: end for partition, (_, end) in listed.items()}
        filled = [partition for partition, (first, end) in listed.items() if end > first]
        return ends | _fetched_ends(
            consumer, brokers=brokers, near={p: ends[p] - 1 for p in filled}, deadline=deadline
        )
    finally:
        consumer.close()


def listed_bounds(
    consumer: confluent_kafka.Consumer,
    *,
    brokers: str,
    partitions: Sequence[Partition],
    deadline: float,
) -> dict[Partition, tuple[int, int]]:
    """Ask for the first offset (true) and the end (too low on the embedded broker).

    Raises:
        BrokerAwayError: no answer in time.
        TopicMissingError: the broker does not know the topic.
    """
    return {
        partition: _bounds_of(consumer, brokers=brokers, partition=partition, deadline=deadline)
        for partition in partitions
    }


def _bounds_of(
    consumer: confluent_kafka.Consumer, *, brokers: str, partition: Partition, deadline: float
) -> tuple[int, int]:
    topic, number = partition
    while True:
        left_s = max(deadline - time.monotonic(), 0.001)
        try:
            bounds: tuple[int, int] = consumer.get_watermark_offsets(
                TopicPartition(topic, number), timeout=left_s
            )
        except KafkaException as error:
            place = Position(topic=topic, partition=number, offset=0)
            failure = client.mapped(error.args[0], brokers=brokers, what="end offsets", place=place)
            # A topic just made has no leader for a moment; a broker just stopped, for longer.
            if not isinstance(failure, BrokerAwayError) or time.monotonic() > deadline:
                raise failure from error
            time.sleep(POLL_S)
        else:
            return bounds


def _fetched_ends(
    consumer: confluent_kafka.Consumer,
    *,
    brokers: str,
    near: Mapping[Partition, int],
    deadline: float,
) -> dict[Partition, int]:
    """Fetch at each offset of `near`: a record, or the news that there is none, carries the end."""
    consumer.assign([TopicPartition(topic, number, at) for (topic, number), at in near.items()])
    ends: dict[Partition, int] = {}
    while len(ends) < len(near):
        if time.monotonic() > deadline:
            waiting = sorted(set(near) - set(ends))
            raise BrokerAwayError(brokers=brokers, reason=f"no fetch answered for {waiting}")
        for message in consumer.consume(len(near), POLL_S):
            place = messages.place_of(message)
            failure = message.error()
            if failure is not None and failure.name() != messages.END_OF_PARTITION:
                raise client.mapped(failure, brokers=brokers, what="end offsets", place=place)
            at = TopicPartition(place.topic, place.partition)
            ends[place.topic, place.partition] = consumer.get_watermark_offsets(at, cached=True)[1]
    return ends
