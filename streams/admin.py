"""Making the topics, and asking whether the broker is there at all."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from streams import client, metadata, topics
from streams.errors import BrokerAwayError, PartitionCountError
from streams.topics import Topic

FOR_EVER: Final = -1
LISTING_POLL_S: Final = 0.05
ALREADY_THERE: Final = "TOPIC_ALREADY_EXISTS"


class Admin:
    """Administration of one cluster; holds a connection, needs no closing."""

    def __init__(self, *, brokers: str, timeout_ms: int = 10_000) -> None:
        self._brokers = brokers
        self._timeout_ms = timeout_ms
        self._client = AdminClient(
            {"bootstrap.servers": brokers, "log_level": 0, "reconnect.backoff.max.ms": 1_000}
        )

    async def probe(self, *, timeout_ms: int = 3_000) -> None:
        """Ask for an answer, any.

        Raises:
            BrokerAwayError: none came: "no Kafka broker answers at HOST:PORT: ...".
        """
        await asyncio.to_thread(self._counts, timeout_ms)

    async def partition_counts(self) -> dict[str, int]:
        """Count the partitions of every topic there is.

        Raises:
            BrokerAwayError: no answer in time.
        """
        return await asyncio.to_thread(self._counts, self._timeout_ms)

    async def ensure_topics(
        self,
        *,
        partition_count: int,
        replication_factor: int = 1,
        wanted: Sequence[Topic] = topics.ALL,
    ) -> list[str]:
        """Make the topics that are missing, and return their names; touch no other.

        Raises:
            PartitionCountError: a topic exists with another count; nothing was made.
            RefusedError: the broker would not make one.
            BrokerAwayError: no answer in time.
        """
        existing = await self.partition_counts()
        _check_counts(existing, wanted=wanted, partition_count=partition_count)
        missing = [
            NewTopic(
                topic.name,
                num_partitions=_count(topic, partition_count),
                replication_factor=replication_factor,
                config=configuration(topic),
            )
            for topic in wanted
            if topic.name not in existing
        ]
        if missing:
            await self._create(missing)
        # Another process may have made them at the same moment, with another count.
        made = await self._seen([topic.name for topic in wanted])
        _check_counts(made, wanted=wanted, partition_count=partition_count)
        return [topic.topic for topic in missing]

    async def delete_topics(self, names: Sequence[str]) -> None:
        """Delete topics with all they hold.

        Raises:
            RefusedError: the broker would not.
            BrokerAwayError: no answer in time.
        """
        timeout_s = self._timeout_ms / 1000
        outcomes = self._client.delete_topics(list(names), operation_timeout=timeout_s)
        await asyncio.to_thread(self._settle, outcomes, "delete topic")

    async def _create(self, missing: Sequence[NewTopic]) -> None:
        timeout_s = self._timeout_ms / 1000
        outcomes = self._client.create_topics(list(missing), operation_timeout=timeout_s)
        await asyncio.to_thread(self._settle, outcomes, "create topic")

    async def _seen(self, names: Sequence[str]) -> dict[str, int]:
        """Wait until the broker lists what it has made: Kafka's does so a little later."""
        deadline = time.monotonic() + self._timeout_ms / 1000
        while True:
            counts = await self.partition_counts()
            missing = [name for name in names if name not in counts]
            if not missing:
                return counts
            if time.monotonic() > deadline:
                reason = f"{', '.join(missing)} made but not listed"
                raise BrokerAwayError(brokers=self._brokers, reason=reason)
            await asyncio.sleep(LISTING_POLL_S)

    def _settle(self, outcomes: Mapping[str, Future[None]], what: str) -> None:
        for name, outcome in outcomes.items():
            try:
                outcome.result(self._timeout_ms / 1000)
            except TimeoutError as error:
                raise BrokerAwayError(brokers=self._brokers, reason=f"{what} {name}") from error
            except KafkaException as error:
                if error.args[0].name() == ALREADY_THERE:
                    continue
                raise client.mapped(
                    error.args[0], brokers=self._brokers, what=f"{what} {name}", place=None
                ) from error

    def _counts(self, timeout_ms: int) -> dict[str, int]:
        return metadata.existing_counts(self._client, brokers=self._brokers, timeout_ms=timeout_ms)


def configuration(topic: Topic) -> dict[str, str]:
    """Say in Kafka's words how long a topic is kept."""
    retention_ms = FOR_EVER if topic.retention_ms is None else topic.retention_ms
    kept = {"cleanup.policy": topic.cleanup, "message.timestamp.type": "CreateTime"}
    if topic.cleanup == "compact":
        return kept | {"min.compaction.lag.ms": str(topic.compaction_lag_ms)}
    return kept | {"retention.ms": str(retention_ms)}


def _count(topic: Topic, partition_count: int) -> int:
    return 1 if topic.single else partition_count


def _check_counts(
    existing: Mapping[str, int], *, wanted: Sequence[Topic], partition_count: int
) -> None:
    """Doors may have any count; what is keyed by customer or single may not."""
    for topic in wanted:
        expected = _count(topic, partition_count)
        found = existing.get(topic.name, expected)
        if found != expected and topic.keyed_by != "any":
            raise PartitionCountError(expected=expected, found={topic.name: found})
