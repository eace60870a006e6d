"""A world of several partitions, and what one worker sees of it."""

import zlib
from collections import Counter

from agents.worker.batches import LogRecord
from streams import topics
from streams.records import Record
from tests.support.simulation.world import World

KEYED = (topics.EVENTS.name, topics.SHARED.name)
PARTITIONED = (*KEYED, topics.CUSTOMERS_CHANGELOG.name, topics.SHARED_CHANGELOG.name)


def number_of(key: bytes, partitions: int) -> int:
    """Where the records of a key go."""
    return zlib.crc32(key) % partitions


class Share(World):
    """One partition of the topics that are keyed by customer; the others have one for all."""

    unread: frozenset[str] = frozenset()

    def __init__(self, whole: World, number: int, *, partitions: int) -> None:
        self.whole = whole
        self.number = number
        self.partitions = partitions
        self.rng, self.logs, self.provider = whole.rng, whole.logs, whole.provider
        self.history, self.shelf = whole.history, whole.shelf
        self.committed, self.owners = Counter(), {}

    @property
    def now(self) -> int:
        """The one clock."""
        return self.whole.now

    @now.setter
    def now(self, at: int) -> None:
        self.whole.now = at

    def log(self, topic: str) -> list[LogRecord]:
        """The share's own partition."""
        name = f"{topic}/{self.number}" if topic in PARTITIONED else topic
        return self.logs.setdefault(name, [])

    def append(self, record: Record) -> int:
        """Durable from here on, in the partition of its key."""
        if record.topic not in KEYED or record.partition is not None:
            return super().append(record)
        number = number_of(record.key or b"", self.partitions)
        if number == self.number:
            return super().append(record)
        return Share(self.whole, number, partitions=self.partitions).append(record)
