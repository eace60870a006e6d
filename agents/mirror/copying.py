"""Redis' copy of the customers, kept as the changelog says, and filled again when it is lost.

    read ──▶ write what is higher ──▶ ask for rewrites ──▶ move the position, all in Redis
               ▲                                               │
               └──────────── not where we left it: lost ◀──────┘

A record that is lower than an earlier one of its key is a zombie's. Compaction would take the true
record and leave that one, so the owner is asked to write the row again before.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from agents.mirror import customers
from agents.sink.lag import Lag
from agents.sink.patience import patiently
from engine import ids, keys
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
from tables.profiles import Advance, Copy, Profiles

TOPIC: Final = topics.CUSTOMERS_CHANGELOG.name

BATCH_RECORDS: Final = 2_000
"""Up to 8 MB."""

IDLE_MS: Final = 500
"""How soon an emptied Redis is noticed when nothing happens."""

log = structlog.get_logger(__name__)


class Copier:
    """The one who fills the copy; a second one would only make both slower."""

    def __init__(self, *, reader: Reader, profiles: Profiles, producer: Producer) -> None:
        self._reader = reader
        self._profiles = profiles
        self._producer = producer
        self._lag = Lag(part="mirror-redis", reader=reader)
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
                log.warning("copy_lost", code=error.code)

    async def _follow(self) -> None:
        ends = await self._take_up()
        while True:
            found = await patiently(self._read, what="kafka")
            await self._copy(found)
            await self._lag.tell()
            if not self.is_complete and self._has_reached(ends):
                await patiently(self._profiles.mark_complete, what="redis")
                self.is_complete = True

    async def _take_up(self) -> Mapping[int, int]:
        """Go on where the copy is, at the beginning where there is none; return the log's ends."""
        await patiently(
            lambda: self._reader.assign_topics([TOPIC], start=Beginning()), what="kafka"
        )
        ends = await patiently(self._reader.end_offsets, what="kafka")
        first = {number: self._reader.position(TOPIC, number) for _, number in ends}
        await patiently(lambda: self._profiles.begin(first), what="redis")
        found = await patiently(self._profiles.positions, what="redis")
        if not first.keys() <= found.keys():
            raise CopyLostError
        self._next = {number: found[number] for number in first}
        for (_, number), end in ends.items():
            if self._next[number] > end:
                raise ForeignCopyError(partition=number, position=self._next[number], end=end)
        start = At(offsets={(TOPIC, number): at for number, at in self._next.items()})
        await patiently(lambda: self._reader.assign_topics([TOPIC], start=start), what="kafka")
        return {number: end for (_, number), end in ends.items()}

    async def _read(self) -> list[Received]:
        return await self._reader.read(max_records=BATCH_RECORDS, timeout_ms=IDLE_MS)

    def _has_reached(self, ends: Mapping[int, int]) -> bool:
        return all(self._reader.position(TOPIC, number) >= end for number, end in ends.items())

    async def _copy(self, found: Sequence[Received]) -> None:
        records = [record for record in found if customers.is_row(record)]
        batch = [_copy_of(record) for record in records]
        outcomes = await patiently(lambda: self._profiles.write(batch), what="redis")
        # Their keys are addresses, phones and cards: here not even a stub may stay.
        gone = [one.customer for one in batch if is_erased_contact(one)]
        await patiently(lambda: self._profiles.forget(gone), what="redis")
        requests = rewrites(records, outcomes)
        if requests:
            log.warning("zombie_writes", rows=len(requests))
            await patiently(lambda: self._producer.deliver(requests), what="kafka")
        following = self._next | {record.partition: record.offset + 1 for record in found}
        moves = [Advance(number, at, following[number]) for number, at in self._next.items()]
        # Moved or not, this also tells that the copy is still there.
        await patiently(lambda: self._profiles.advance(moves), what="redis")
        self._next = following


def _copy_of(record: Received) -> Copy:
    customer = keys.public_id((record.key or b"").decode(errors="replace"))
    return Copy(customer, record.offset, record.value or b"")


def is_erased_contact(copy: Copy) -> bool:
    """Whether it is the stub of an identity that is a contact."""
    return rows.decode_header(copy.value).flags & rows.ERASED > 0 and keys.is_contact(copy.customer)


def rewrites(records: Sequence[Received], outcomes: Sequence[int]) -> list[Record]:
    """One request for each key whose last record here is a zombie's."""
    lower: dict[bytes, Received] = {}
    for record, outcome in zip(records, outcomes, strict=True):
        key = record.key or b""
        if outcome == copies.LOWER:
            lower[key] = record
        elif outcome == copies.WRITTEN:
            lower.pop(key, None)
    return [_rewrite(record) for record in lower.values()]


def _rewrite(record: Received) -> Record:
    """The same zombie's write asks for the same command, however often it is read."""
    source = f"{record.topic}/{record.partition}"
    event = RewriteRequested(
        id=ids.derived("rewrite", source, record.offset),
        occurred_at=record.logged_at,
        source="mirror",
    )
    key = (record.key or b"").decode(errors="replace")
    return wire.record_of(key, event, cause=Cause(source, record.offset, 0))
