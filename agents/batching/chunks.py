"""What an agent gets: consecutive records of one partition."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

R = TypeVar("R")
P = TypeVar("P")


class LogRecord(Protocol):
    """One record as fetched. Raw bytes: decoding is the agent's, so that it can fail there."""

    @property
    def offset(self) -> int:
        """Place in the partition."""

    @property
    def timestamp(self) -> int:
        """Epoch ms of the append, stamped by the writer."""

    @property
    def key(self) -> bytes | None:
        """As written."""

    @property
    def value(self) -> bytes | None:
        """As written; None is a tombstone."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """As written, in order, names may repeat."""


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """At least one record, in the order of the log, at most `max_batch`."""

    topic: str
    partition: int
    records: Sequence[LogRecord]

    @property
    def first_offset(self) -> int:
        """Of the first record."""
        return self.records[0].offset

    @property
    def last_offset(self) -> int:
        """Of the last record; the commit is one more."""
        return self.records[-1].offset


def split(fetched: Mapping[P, Sequence[R]], *, at_most: int) -> Iterator[tuple[P, Sequence[R]]]:
    """Cut what was fetched into chunks, the partitions taking turns."""
    waiting = deque((partition, records, 0) for partition, records in fetched.items() if records)
    while waiting:
        partition, records, start = waiting.popleft()
        end = start + at_most
        if end < len(records):
            waiting.append((partition, records, end))
        yield partition, records[start:end]
