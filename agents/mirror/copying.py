"""Redis' copy of a table, kept as the changelog says, and filled again when it is lost.

    read ──▶ write what is higher ──▶ ask for rewrites ──▶ move the position, all in Redis
               ▲                                               │
               └──────────── not where we left it: lost ◀──────┘

A record that is lower than an earlier one of its key is a zombie's. Compaction would take the true
record and leave that one, so the owner is asked to write the row again before.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from agents.mirror import customers
from agents.sink.lag import Lag
from agents.sink.patience import patiently
from engine import ids, keys
from engine.claims import CounterRewriteRequested
from engine.events import RewriteRequested
from engine.rows import Cause
from streams import topics, wire
from streams.consumer import Reader
from streams.positions import At, Beginning
from streams.producer import Producer
from streams.records import Received, Record
from tables import profiles as copies
from tables import rows
from tables.errors import CopyLostError, ForeignCopyError
from tables.profiles import Advance, Copies, Copy

BATCH_RECORDS: Final = 2_000
"""Up to 8 MB."""

IDLE_MS: Final = 500
"""How soon an emptied Redis is noticed when nothing happens."""

log = structlog.get_logger(__name__)


class Table(NamedTuple):
    """What is copied."""

    part: str
    """Of the mirror, for metrics."""
    topic: str
    """The changelog."""
    copy_of: Callable[[Received], Copy]
    rewrite: Callable[[Received], Record]
    """The request for a row whose last record is a zombie's."""


class Copier:
    """The one who fills the copy; a second one would only make both slower."""

    def __init__(self, *, table: Table, reader: Reader, copies: Copies, producer: Producer) -> None:
        self._table = table
        self._reader = reader
        self._copies = copies
        self._producer = producer
        self._lag = Lag(part=table.part, reader=reader)
        self._next: dict[int, int] = {}
        self.is_complete = False
        """The copy has met the end of the log since this process took it up."""

    async def run(self) -> None:
        """Keep the copy, until cancelled.

        Raises:
            ForeignCopyError: the copy is of another log.
            UnreadableRowError: a record is no row.
        """
        while True:
            try:
                await self._follow()
            except CopyLostError as error:
                self.is_complete = False
                log.warning("copy_lost", code=error.code, topic=self._table.topic)

    async def _follow(self) -> None:
        ends = await self._take_up()
        while True:
            found = await patiently(self._read, what="kafka")
            await self._copy(found)
            await self._lag.tell()
            if not self.is_complete and self._has_reached(ends):
                await patiently(self._copies.mark_complete, what="redis")
                self.is_complete = True

    async def _take_up(self) -> Mapping[int, int]:
        """Go on where the copy is, at the beginning where there is none; return the log's ends."""
        await patiently(
            lambda: self._reader.assign_topics([self._table.topic], start=Beginning()), what="kafka"
        )
        ends = await patiently(self._reader.end_offsets, what="kafka")
        first = {number: self._reader.position(self._table.topic, number) for _, number in ends}
        await patiently(lambda: self._copies.begin(first), what="redis")
        found = await patiently(self._copies.positions, what="redis")
        if not first.keys() <= found.keys():
            raise CopyLostError
        self._next = {number: found[number] for number in first}
        for (_, number), end in ends.items():
            if self._next[number] > end:
                raise ForeignCopyError(partition=number, position=self._next[number], end=end)
        start = At(offsets={(self._table.topic, number): at for number, at in self._next.items()})
        await patiently(
            lambda: self._reader.assign_topics([self._table.topic], start=start), what="kafka"
        )
        return {number: end for (_, number), end in ends.items()}

    async def _read(self) -> list[Received]:
        return await self._reader.read(max_records=BATCH_RECORDS, timeout_ms=IDLE_MS)

    def _has_reached(self, ends: Mapping[int, int]) -> bool:
        return all(
            self._reader.position(self._table.topic, number) >= end for number, end in ends.items()
        )

    async def _copy(self, found: Sequence[Received]) -> None:
        records = [record for record in found if customers.is_row(record)]
        batch = [self._table.copy_of(record) for record in records]
        outcomes = await patiently(lambda: self._copies.write(batch), what="redis")
        # Their keys are addresses, phones and cards: here not even a stub may stay.
        gone = [one.customer for one in batch if is_erased_contact(one)]
        await patiently(lambda: self._copies.forget(gone), what="redis")
        requests = rewrites(records, outcomes, rewrite=self._table.rewrite)
        if requests:
            log.warning("zombie_writes", rows=len(requests), topic=self._table.topic)
            await patiently(lambda: self._producer.deliver(requests), what="kafka")
        following = self._next | {record.partition: record.offset + 1 for record in found}
        moves = [Advance(number, at, following[number]) for number, at in self._next.items()]
        # Moved or not, this also tells that the copy is still there.
        await patiently(lambda: self._copies.advance(moves), what="redis")
        self._next = following


def _copy_of(record: Received) -> Copy:
    customer = keys.public_id((record.key or b"").decode(errors="replace"))
    return Copy(customer, record.offset, record.value or b"")


def is_erased_contact(copy: Copy) -> bool:
    """Whether it is the stub of an identity that is a contact."""
    return rows.decode_header(copy.value).flags & rows.ERASED > 0 and keys.is_contact(copy.customer)


def rewrites(
    records: Sequence[Received],
    outcomes: Sequence[int],
    *,
    rewrite: Callable[[Received], Record],
) -> list[Record]:
    """One request for each key whose last record here is a zombie's."""
    lower: dict[bytes, Received] = {}
    for record, outcome in zip(records, outcomes, strict=True):
        key = record.key or b""
        if outcome == copies.LOWER:
            lower[key] = record
        elif outcome == copies.WRITTEN:
            lower.pop(key, None)
    return [rewrite(record) for record in lower.values()]


def rewrite_customer(record: Received) -> Record:
    """The same zombie's write asks for the same command, however often it is read."""
    source = f"{record.topic}/{record.partition}"
    event = RewriteRequested(
        id=ids.derived("rewrite", source, record.offset),
        occurred_at=record.logged_at,
        source="mirror",
    )
    key = (record.key or b"").decode(errors="replace")
    return wire.record_of(key, event, cause=Cause(source, record.offset, 0))


def _counter_copy(record: Received) -> Copy:
    key = (record.key or b"").decode(errors="replace")
    return Copy(key, record.offset, record.value or b"")


def _rewrite_counter(record: Received) -> Record:
    source = f"{record.topic}/{record.partition}"
    event = CounterRewriteRequested(
        id=ids.derived("rewrite", source, record.offset),
        occurred_at=record.logged_at,
        source="mirror",
    )
    key = (record.key or b"").decode(errors="replace")
    return wire.shared_record(key, event, cause=Cause(source, record.offset, 0))


CUSTOMERS: Final = Table(
    "mirror-redis", topics.CUSTOMERS_CHANGELOG.name, _copy_of, rewrite_customer
)
COUNTERS: Final = Table(
    "mirror-redis-shared", topics.SHARED_CHANGELOG.name, _counter_copy, _rewrite_counter
)
