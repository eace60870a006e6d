"""Reading the log without joining a group: chosen partitions from chosen positions."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Self, TypeVar

import confluent_kafka
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from streams import client, messages, metadata, starts, watermarks
from streams.errors import BrokerAwayError, StreamError
from streams.positions import Since, Start
from streams.records import Position, Received
from streams.watermarks import Partition

T = TypeVar("T")

PROBE_S: Final = 1.0
"""What a silent broker gets to answer before it counts as away."""


class Reader:
    """One consumer in a thread of its own, so that nothing blocks the event loop.

    One call at a time. With a group the positions can be committed under its name; it is never
    joined, so nothing is ever assigned or revoked by the broker.
    """

    def __init__(
        self,
        *,
        brokers: str,
        group: str | None = None,
        fetch_wait_ms: int = 10,
        max_buffered_bytes: int = 64 * 1024 * 1024,
        timeout_ms: int = 10_000,
    ) -> None:
        self._brokers = brokers
        self._timeout_ms = timeout_ms
        self._next: dict[Partition, int] = {}
        self._skipped_until: dict[Partition, int] = {}
        self._failure: StreamError | None = None
        self._ongoing: asyncio.Future[list[Received]] | None = None
        self._is_troubled = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")
        self._consumer = confluent_kafka.Consumer(
            client.consumer_settings(
                brokers=brokers,
                group=group or client.NO_GROUP,
                fetch_wait_ms=fetch_wait_ms,
                max_buffered_bytes=max_buffered_bytes,
            ),
            error_cb=self._note_error,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def partitions(self, topics: Sequence[str]) -> list[Partition]:
        """List every partition of these topics.

        Raises:
            TopicMissingError: the broker does not know one of them.
            BrokerAwayError: no answer in time.
        """
        return await self._run(self._partitions, topics)

    async def assign(self, partitions: Sequence[Partition], *, start: Start) -> None:
        """Read these partitions from there on, instead of what was read before.

        Raises:
            TopicMissingError: the broker does not know a topic.
            OffsetGoneError: an offset given or committed is beyond the end.
            BrokerAwayError: no answer in time.
        """
        await self._run(self._assign, partitions, start)

    async def assign_topics(self, topics: Sequence[str], *, start: Start) -> None:
        """Read all partitions of these topics; errors as `assign`."""
        await self.assign(await self.partitions(topics), start=start)

    async def read(self, *, max_records: int = 1_000, timeout_ms: int = 500) -> list[Received]:
        """Return what has arrived; wait at most `timeout_ms` for the first record.

        Cancelled, it loses nothing: the next call returns what this one would have.

        Raises:
            BrokerAwayError: nothing came and nobody answers; the reader recovers by itself.
            OffsetGoneError: the position is not in the log.
            TopicMissingError: the topic was deleted.
        """
        if self._ongoing is None:
            self._ongoing = asyncio.get_running_loop().run_in_executor(
                self._thread, self._consume, max_records, timeout_ms / 1000
            )
        ongoing = self._ongoing
        try:
            return await asyncio.shield(ongoing)
        finally:
            if ongoing.done():
                self._ongoing = None

    async def read_to_end(self, *, max_records: int = 5_000) -> AsyncIterator[list[Received]]:
        """Yield everything up to where the log ended when this was called, then stop.

        Raises:
            BrokerAwayError: nothing more came for the reader's `timeout_ms`.
        """
        ends = await self.end_offsets()
        heard_at = time.monotonic()
        while any(self._next[partition] < end for partition, end in ends.items()):
            records = await self.read(max_records=max_records)
            if records:
                yield records
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > self._timeout_ms / 1000:
                raise BrokerAwayError(brokers=self._brokers, reason="the end was not reached")

    async def end_offsets(self) -> dict[Partition, int]:
        """Find the true offset after the last record of each partition that is read.

        Raises:
            BrokerAwayError: no answer in time.
        """
        return await self._run(
            lambda: watermarks.true_ends(
                brokers=self._brokers, partitions=list(self._next), timeout_ms=self._timeout_ms
            )
        )

    async def lags(self) -> dict[Partition, int]:
        """Count the records that wait in each partition, as of its last fetch; asks nobody.

        A partition that was never fetched is left out.
        """
        return await self._run(self._lags)

    def position(self, topic: str, partition: int) -> int:
        """Tell the offset of the next record that `read` returns, or will look for."""
        return self._next[topic, partition]

    async def commit(self, positions: Sequence[Position]) -> None:
        """Keep, under the group's name, the offset of the next record to read.

        Raises:
            BrokerAwayError: not kept, as far as we know.
        """
        offsets = [TopicPartition(at.topic, at.partition, at.offset) for at in positions]
        await self._run(lambda: self._consumer.commit(offsets=offsets, asynchronous=False))

    async def close(self) -> None:
        """Leave; nothing is committed that was not."""
        await self._run(self._consumer.close)
        self._thread.shutdown(wait=False)
        if self._ongoing is not None:
            # A read was cancelled: nobody asks any more for its records, or what went wrong.
            await asyncio.gather(self._ongoing, return_exceptions=True)

    async def _run(self, work: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, work, *arguments)
        except KafkaException as error:
            raise client.mapped(
                error.args[0], brokers=self._brokers, what="reader", place=None
            ) from error

    def _partitions(self, topics: Sequence[str]) -> list[Partition]:
        counts = metadata.partition_counts(
            self._consumer, brokers=self._brokers, topics=topics, timeout_ms=self._timeout_ms
        )
        return [(topic, number) for topic in topics for number in range(counts[topic])]

    def _assign(self, partitions: Sequence[Partition], start: Start) -> None:
        offsets = starts.resolved(
            self._consumer,
            brokers=self._brokers,
            partitions=partitions,
            start=start,
            timeout_ms=self._timeout_ms,
        )
        self._failure = None
        self._next = offsets
        since = start.logged_at if isinstance(start, Since) else 0
        self._skipped_until = dict.fromkeys(offsets, since) if since else {}
        self._consumer.assign(
            [TopicPartition(topic, number, at) for (topic, number), at in offsets.items()]
        )

    def _lags(self) -> dict[Partition, int]:
        found = {}
        for (topic, number), at in self._next.items():
            # What a Fetch answered: true on every broker (`streams.watermarks`).
            _, end = self._consumer.get_watermark_offsets(
                TopicPartition(topic, number), cached=True
            )
            if end >= 0:
                found[topic, number] = max(end - at, 0)
        return found

    def _consume(self, max_records: int, timeout_s: float) -> list[Received]:
        """Wait for one message, then take what is there; asking for many waits for all."""
        self._raise_failure()
        deadline = time.monotonic() + timeout_s
        records: list[Received] = []
        while not records:
            first = self._consumer.consume(1, max(deadline - time.monotonic(), 0))
            if not first:
                self._check_alive()
                break
            records = self._taken(first + self._consumer.consume(max_records - 1, 0))
            if not records:
                self._raise_failure()
        return records

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def _taken(self, arrived: Sequence[Message]) -> list[Received]:
        """Keep the records and advance; remember the first failure for when they are read."""
        records = []
        for message in arrived:
            failure = message.error()
            if failure is not None:
                self._note_failure(failure, message)
                continue
            record = messages.received(message)
            self._next[record.topic, record.partition] = record.offset + 1
            if not self._skipped_until or self._is_late_enough(record):
                records.append(record)
        return records

    def _is_late_enough(self, record: Received) -> bool:
        """Pass from the first record at the asked time on: a broker may start before it."""
        partition = (record.topic, record.partition)
        if record.logged_at < self._skipped_until.get(partition, 0):
            return False
        self._skipped_until.pop(partition, None)
        return True

    def _note_failure(self, failure: KafkaError, message: Message) -> None:
        place = messages.place_of(message)
        if failure.name() == messages.END_OF_PARTITION:
            # The end of the log: what compaction took from there never comes.
            self._next[place.topic, place.partition] = place.offset
            return
        self._failure = self._failure or client.mapped(
            failure, brokers=self._brokers, what="reader", place=place
        )

    def _check_alive(self) -> None:
        """After librdkafka complained: is it still true? It reconnects by itself."""
        if not self._is_troubled:
            return
        try:
            self._consumer.list_topics(timeout=PROBE_S)
        except KafkaException as error:
            raise BrokerAwayError(brokers=self._brokers, reason=error.args[0].str()) from error
        self._is_troubled = False

    def _note_error(self, _: KafkaError) -> None:
        self._is_troubled = True
