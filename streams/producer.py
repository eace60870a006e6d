"""The one way into Kafka: librdkafka, idempotent, in order, acknowledged by all.

Two threads meet here. The event loop hands records over and is told of outcomes; the poll
thread runs librdkafka's delivery reports and wakes the loop once for each bunch of them.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from threading import Event, Thread
from typing import Final, Self

import confluent_kafka
from confluent_kafka import KafkaError, KafkaException, Message

from streams.delivery import Delivery
from streams.errors import FatalProduceError, QueueFullError, RecordTooLargeError
from streams.records import Position, Record

MAX_RECORD_BYTES: Final = 1_000_000
"""Kafka takes a batch of 1,048,588 without being told otherwise; one record fits with its frame."""

POLL_S: Final = 0.1
"""How long the poll thread waits for a report; bounds how late it notices `close`."""


def configuration(*, brokers: str, message_timeout_ms: int, linger_ms: int) -> dict[str, object]:
    """What librdkafka is told, for every record of ours."""
    return {
        "bootstrap.servers": brokers,
        "acks": "all",
        "enable.idempotence": True,
        # A batch given up in the middle of a partition stops the producer instead of leaving
        # a gap. It does not cover time-outs: those reach the caller as ProduceError.
        "enable.gapless.guarantee": True,
        # What Java's, Faust's and aiokafka's default partitioners do; librdkafka's own agrees
        # with them for one key in eight.
        "partitioner": "murmur2_random",
        "message.timeout.ms": message_timeout_ms,
        "message.max.bytes": MAX_RECORD_BYTES + 40_000,
        "linger.ms": linger_ms,
        "batch.num.messages": 10_000,
        "batch.size": 512 * 1024,
        # No bounds of its own: ours admit a batch whole or not at all.
        "queue.buffering.max.messages": 0,
        "queue.buffering.max.kbytes": 2_147_483_647,
        "socket.nagle.disable": True,
        # The default grows to 10 s, longer than anybody here waits.
        "reconnect.backoff.max.ms": 1_000,
        # Errors reach us through error_cb; its own lines on stderr would repeat them.
        "log_level": 0,
    }


class Producer:
    """Append records; many callers at once, all in the event loop it was made in.

    `fatal` is set for good once the order of a partition could not be kept: crash then.
    """

    def __init__(
        self,
        *,
        brokers: str,
        message_timeout_ms: int = 5_000,
        linger_ms: int = 1,
        max_waiting_count: int = 200_000,
        max_waiting_bytes: int = 256 * 1024 * 1024,
    ) -> None:
        self.fatal: FatalProduceError | None = None
        self._loop = asyncio.get_running_loop()
        self._max_waiting_count = max_waiting_count
        self._max_waiting_bytes = max_waiting_bytes
        self._waiting_count = 0
        self._waiting_bytes = 0
        self._turn = asyncio.Lock()
        self._freed = asyncio.Event()
        self._settled: deque[Delivery] = deque()
        self._trouble = ""
        self._closing = Event()
        self._flush_ms = 0
        self._client = confluent_kafka.Producer(
            configuration(
                brokers=brokers, message_timeout_ms=message_timeout_ms, linger_ms=linger_ms
            ),
            error_cb=self._note_error,
        )
        self._thread = Thread(target=self._serve_reports, name="producer-reports", daemon=True)
        self._thread.start()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def deliver(self, records: Sequence[Record]) -> list[Position]:
        """Append, and return the positions in the order of the records.

        Waits for room where the queue is full, first come first served, so that records of one
        caller never overtake each other. Then bounded by `message_timeout_ms`.

        Raises:
            ProduceError: a record has no acknowledgement; the error says which.
            RecordTooLargeError: nothing was handed over.
            FatalProduceError: the producer stopped for good.
        """
        async with self._turn:
            while not self._has_room(len(records), _size(records)):
                self._freed.clear()
                await self._freed.wait()
            delivery = self.hand_over(records)
        return await delivery.acknowledged()

    def hand_over(self, records: Sequence[Record]) -> Delivery:
        """Append without waiting, all or nothing; `Delivery.acknowledged` is the rest.

        Raises:
            QueueFullError: no room; nothing was handed over.
            RecordTooLargeError: nothing was handed over.
            FatalProduceError: the producer stopped for good.
        """
        if self.fatal is not None:
            raise self.fatal
        if self._closing.is_set():
            raise FatalProduceError(reason="it was closed")
        size_bytes = _size(records)
        if not self._has_room(len(records), size_bytes):
            raise QueueFullError(
                waiting_count=self._waiting_count, waiting_bytes=self._waiting_bytes
            )
        delivery = Delivery(
            records=records, size_bytes=size_bytes, future=self._loop.create_future()
        )
        self._waiting_count += len(records)
        self._waiting_bytes += size_bytes
        self._produce(delivery)
        return delivery

    async def close(self, *, deadline_ms: int = 10_000) -> None:
        """Wait for what was handed over, at most `deadline_ms`; what is left then fails."""
        self._flush_ms = deadline_ms
        self._closing.set()
        await asyncio.to_thread(self._thread.join)
        self._resolve()

    def _has_room(self, count: int, size_bytes: int) -> bool:
        """A batch above the bounds passes alone, or it would wait for ever."""
        if self._waiting_count == 0:
            return True
        return (
            self._waiting_count + count <= self._max_waiting_count
            and self._waiting_bytes + size_bytes <= self._max_waiting_bytes
        )

    def _produce(self, delivery: Delivery) -> None:
        produce, report = self._client.produce, self._report
        index = 0
        try:
            for index, record in enumerate(delivery.records):
                produce(
                    record.topic,
                    record.value,
                    record.key,
                    -1 if record.partition is None else record.partition,
                    on_delivery=partial(report, delivery, index),
                    timestamp=record.timestamp_at or 0,
                    headers=list(record.headers),
                )
        except KafkaException as error:
            if error.args[0].fatal():
                self._note_fatal(error.args[0])
            # The rest is held back: appended after a gap, it would be out of order.
            if delivery.abandon(index, error.args[0].name()):
                self._settled.append(delivery)
                self._loop.call_soon(self._resolve)
        if not delivery.records:
            self._settled.append(delivery)
            self._resolve()

    def _resolve(self) -> None:
        """Wake the callers of everything settled. Event loop only."""
        while self._settled:
            delivery = self._settled.popleft()
            if delivery.is_settled:
                continue
            self._waiting_count -= len(delivery.records)
            self._waiting_bytes -= delivery.size_bytes
            delivery.resolve(fatal=self.fatal, trouble=self._trouble)
        self._freed.set()

    def _serve_reports(self) -> None:
        """Run the callbacks below until `close`; then flush, and fail what is left."""
        while not self._closing.is_set():
            self._served(self._client.poll, POLL_S)
            if self._settled:
                self._loop.call_soon_threadsafe(self._resolve)
        if self._served(self._client.flush, self._flush_ms / 1000):
            self._client.purge()
            self._served(self._client.flush, POLL_S)

    def _served(self, serve: Callable[[float], int], timeout_s: float) -> int:
        """Run what waits, and say how much is left; a fatal error comes as an exception."""
        try:
            return serve(timeout_s)
        except KafkaException as error:
            self._note_fatal(error.args[0])
            return len(self._client)

    def _report(
        self, delivery: Delivery, index: int, error: KafkaError | None, message: Message
    ) -> None:
        if delivery.settle(index, error, message):
            self._settled.append(delivery)

    def _note_error(self, error: KafkaError) -> None:
        self._trouble = error.str()

    def _note_fatal(self, error: KafkaError) -> None:
        self.fatal = self.fatal or FatalProduceError(reason=f"{error.name()}, {error.str()}")


def _size(records: Sequence[Record]) -> int:
    """Bytes on the wire, nearly: what the bounds count.

    Raises:
        RecordTooLargeError: one is above `MAX_RECORD_BYTES`.
    """
    total = 0
    for record in records:
        size = len(record.value or b"") + len(record.key or b"") + 64
        for name, value in record.headers:
            size += len(name) + len(value) + 2
        if size > MAX_RECORD_BYTES:
            raise RecordTooLargeError(
                topic=record.topic, size_bytes=size, limit_bytes=MAX_RECORD_BYTES
            )
        total += size
    return total
