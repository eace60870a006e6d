"""Records handed over together, and what became of each."""

import asyncio
from collections.abc import Sequence

from confluent_kafka import KafkaError, Message

from streams.errors import FatalProduceError, ProduceError
from streams.records import Position, Record


class Delivery:
    """Settled once, when the last record is acknowledged or given up.

    `settle` runs in the producer's poll thread, everything else in the event loop; the future
    is what orders the two. Failures are not raised before somebody asks.
    """

    def __init__(
        self, *, records: Sequence[Record], size_bytes: int, future: asyncio.Future[None]
    ) -> None:
        self.records = records
        self.size_bytes = size_bytes
        self._future = future
        self._places: list[tuple[int, int] | None] = [None] * len(records)
        self._failures: dict[int, str] = {}
        self._settled_count = 0
        self._abandoned_count = 0
        self._trouble = ""
        self._fatal: FatalProduceError | None = None

    @property
    def is_settled(self) -> bool:
        """Whether every record has its outcome: then `acknowledged` does not wait."""
        return self._future.done()

    async def acknowledged(self) -> list[Position]:
        """Wait for the positions, in the order of the records.

        Bounded by the producer's `message.timeout.ms`.

        Raises:
            ProduceError: at least one record has no acknowledgement.
            FatalProduceError: and the producer stopped for good.
        """
        # Shielded: several may wait, and one of them giving up must not hide the outcome.
        await asyncio.shield(self._future)
        positions = [
            None
            if place is None
            else Position(topic=record.topic, partition=place[0], offset=place[1])
            for record, place in zip(self.records, self._places, strict=True)
        ]
        if self._fatal is not None:
            raise self._fatal
        if self._failures:
            raise ProduceError(positions=positions, failures=self._failures, trouble=self._trouble)
        return [position for position in positions if position is not None]

    def settle(self, index: int, error: KafkaError | None, message: Message) -> bool:
        """Note one outcome; true when it was the last. Poll thread only."""
        partition, offset = message.partition(), message.offset()
        if error is not None or partition is None or offset is None:
            self._failures[index] = "no position" if error is None else error.name()
        else:
            self._places[index] = (partition, offset)
        self._settled_count += 1
        return self._settled_count + self._abandoned_count == len(self.records)

    def abandon(self, index: int, reason: str) -> bool:
        """Note that the records from `index` on are not handed over. Event loop only.

        A count of its own: `settle` may run at the same moment. Should both see the end, the
        second `resolve` does nothing.
        """
        for left in range(index, len(self.records)):
            self._failures[left] = reason
        self._abandoned_count = len(self.records) - index
        return self._settled_count + self._abandoned_count == len(self.records)

    def resolve(self, *, fatal: FatalProduceError | None, trouble: str) -> None:
        """Wake who waits. Event loop only, after the last outcome."""
        if self._failures:
            self._fatal = fatal
            self._trouble = trouble
        if not self._future.done():
            self._future.set_result(None)
