"""From where a reader shall start to the offsets that mean it.

A time is looked up by the broker. Apache Kafka goes by the records' own times; the embedded
broker, as tried, by when it took a batch, which is no later: the reader skips what is too early.
"""

import time
from collections.abc import Mapping, Sequence
from typing import assert_never

import confluent_kafka
from confluent_kafka import TopicPartition

from streams import metadata, watermarks
from streams.errors import OffsetGoneError, TopicMissingError
from streams.positions import At, Beginning, Committed, End, Since, Start
from streams.records import Position
from streams.watermarks import Partition


def resolved(
    consumer: confluent_kafka.Consumer,
    *,
    brokers: str,
    partitions: Sequence[Partition],
    start: Start,
    timeout_ms: int,
) -> dict[Partition, int]:
    """Find the offset to start at, for each partition.

    Raises:
        TopicMissingError: the broker has no such partition.
        OffsetGoneError: an offset given or committed is beyond the end.
        BrokerAwayError: no answer in time.
        KafkaException: the broker refused.
    """
    _check_known(consumer, brokers=brokers, partitions=partitions, timeout_ms=timeout_ms)
    deadline = time.monotonic() + timeout_ms / 1000

    def first() -> dict[Partition, int]:
        bounds = watermarks.listed_bounds(
            consumer, brokers=brokers, partitions=partitions, deadline=deadline
        )
        return {partition: low for partition, (low, _) in bounds.items()}

    def ends() -> dict[Partition, int]:
        return watermarks.true_ends(brokers=brokers, partitions=partitions, timeout_ms=timeout_ms)

    match start:
        case Beginning():
            return first()
        case End():
            return ends()
        case At(offsets=offsets):
            return _checked({partition: offsets[partition] for partition in partitions}, ends())
        case Committed():
            kept = consumer.committed(_plain(partitions), timeout=timeout_ms / 1000)
            known = {(at.topic, at.partition): at.offset for at in kept if at.offset >= 0}
            return first() | _checked(known, ends())
        case Since(logged_at=logged_at):
            asked = [TopicPartition(topic, number, logged_at) for topic, number in partitions]
            found = consumer.offsets_for_times(asked, timeout=timeout_ms / 1000)
            known = {(at.topic, at.partition): at.offset for at in found if at.offset >= 0}
            return ends() | known
        case _:
            assert_never(start)


def _checked(offsets: dict[Partition, int], ends: Mapping[Partition, int]) -> dict[Partition, int]:
    """Refuse what lies beyond the end, where the embedded broker would wait in silence."""
    for (topic, number), offset in offsets.items():
        end = ends[topic, number]
        if offset > end:
            raise OffsetGoneError(
                position=Position(topic=topic, partition=number, offset=offset),
                reason=f"it ends at {end}",
            )
    return offsets


def _check_known(
    consumer: confluent_kafka.Consumer,
    *,
    brokers: str,
    partitions: Sequence[Partition],
    timeout_ms: int,
) -> None:
    topics = sorted({topic for topic, _ in partitions})
    counts = metadata.partition_counts(
        consumer, brokers=brokers, topics=topics, timeout_ms=timeout_ms
    )
    for topic, number in partitions:
        if number >= counts[topic]:
            raise TopicMissingError(topic=f"{topic}/{number}")


def _plain(partitions: Sequence[Partition]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic, number in partitions]
