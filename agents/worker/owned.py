"""The owner of one partition of a table: decides what becomes of its log, in its order.

The same for every table; what they do not have in common is `agents.worker.partition` for the
customers (topic `events`) and `agents.worker.counters` for what they share (topic `shared`).

No I/O: the shell reads, writes and waits. For each batch it must, in this order, make the rows
durable, make the effects durable, and only then ask for the next batch or commit:

    fold(records) ──▶ batch.rows ──ack──▶ batch.effects ──ack──▶ settled(batch) ──▶ commit

That order is what the outbox rests on. An entry whose source offset lies before the batch at hand
belongs to a batch that was carried out to the end (or to a committed one), so it can be dropped;
any other is emitted again when its record is met again.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from agents.worker import batches, recovery
from agents.worker.batches import Batch, LogRecord, Refusal
from agents.worker.cache import DecodedRows, RowCache, Slot
from agents.worker.forms import A, Form, R
from agents.worker.recovery import ChangelogRecord, Recovery
from agents.worker.timers import Due, TimerIndex
from engine.definitions.folded import NOTHING_FOLDED, Definitions
from engine.emissions import Emission, OutboxEntry
from engine.errors import RejectedError
from engine.events import Switched
from engine.rows import Ignored, Timer
from streams import wire
from tables import rows
from tables.rows import Switch

OUTBOX_MAX_BYTES: Final = 128 * 1024
"""One customer's emissions in a batch; then the batch is cut: write, emit, go on."""

FUTURE_MAX_MS: Final = 5 * 60 * 1000
"""A record further ahead of the worker's clock would hold the customer's time back there."""


class _FullError(Exception):
    """The row has no room beside what its outbox holds: the batch ends before this record."""


class Owned(Form[R, A]):
    """The rows of one partition and the rules of writing them."""

    def __init__(
        self, *, epoch: int, restored: Recovery, decoded: DecodedRows | None = None
    ) -> None:
        self.epoch = epoch
        self.definitions = Definitions()
        self.switched_to = Switch(NOTHING_FOLDED)
        """What to decide under, also right after a restart."""
        self._switched_at = -1
        self._switch_version = 0
        self._timers = TimerIndex()
        # Shared, so that a rebalance that leaves the partition here restores from what stands.
        self._rows = RowCache(
            restored.rows,
            blank=self._blank,
            decode=self._decode,
            decoded=DecodedRows() if decoded is None else decoded,
        )
        self._dirty: dict[bytes, Slot[R]] = {}
        if restored.switch is not None:
            header, self.switched_to = rows.decode_switch(restored.switch)
            self._switched_at, self._switch_version = header.offset - 1, header.version
        for key, value in restored.rows.items():
            self._timers.set(key, rows.decode_header(value).next_due_at)

    def __len__(self) -> int:
        return len(self._rows)

    def fold(self, records: Sequence[LogRecord], *, now: int) -> Batch:
        """Apply records until they end, a switch is met, or an outbox is full.

        Args:
            now: The worker's clock, epoch ms: only to refuse records from the future.
        """
        batch = Batch(0, [], [], [], [], None)
        first = records[0].offset
        for place, record in enumerate(records):
            try:
                switch = self._take(record, batch, first=first, now=now)
            except _FullError:
                return self._closed(batch, place, None)
            if switch is not None or self._is_outbox_full(record):
                return self._closed(batch, place + 1, switch)
        return self._closed(batch, len(records), None)

    def switch(self, definitions: Definitions, *, offset: int) -> ChangelogRecord | None:
        """Decide under these definitions and their catalogue from the record at `offset` on.

        Either only ever moves on: a zombie's switch may lead back in one of them.

        Returns:
            The partition's own row, to be made durable before the next batch; None when a replay
            meets a switch that is already applied, or nothing in it is as new as what stands.
        """
        known, catalogue = self.switched_to, definitions.catalogue
        is_older = definitions.offset < known.definitions
        is_older_catalogue = catalogue.offset < known.catalogue
        if offset <= self._switched_at or (is_older and catalogue.offset <= known.catalogue):
            return None
        if is_older_catalogue:
            catalogue = self.definitions.catalogue
        newest = self.definitions if is_older else definitions
        self.definitions = msgspec.structs.replace(newest, catalogue=catalogue)
        self.switched_to = Switch(newest.offset, catalogue.offset)
        self._switched_at = offset
        return self._switch_record()

    def settled(self, batch: Batch) -> None:
        """The batch's rows and effects are durable: its timers may fire."""
        for key, value in batch.rows:
            self._timers.set(key, rows.decode_header(value).next_due_at)
        self._rows.trim()

    def opening(self, outvoted: set[bytes]) -> list[ChangelogRecord]:
        """What a new owner writes before anything else.

        The outvoted rows again, so that compaction keeps the true ones. And always the partition's
        own row: else a zombie's could name definitions that the next owner would decide under
        from too early on, for rows that this owner wrote.
        """
        return [
            *(
                self._written(key, self._rows.slot(key))
                for key in sorted(outvoted - {recovery.SWITCH_KEY})
            ),
            self._switch_record(),
        ]

    def due(self, now: int, *, at_most: int) -> list[Due]:
        """Timers due by `now`, each once per generation while this owner lasts."""
        return self._timers.due(now, self._timers_of, at_most=at_most)

    def row(self, key: bytes) -> R:
        """A row as it stands."""
        return self._rows.slot(key).row

    def _take(self, record: LogRecord, batch: Batch, *, first: int, now: int) -> Switched | None:
        try:
            if record.kind == b"switch":
                return wire.decode_switch(record.value)
            self._apply(record, batch, first=first, now=now)
        except RejectedError as error:
            batch.refusals.append(Refusal(record, error))
        return None

    def _apply(self, record: LogRecord, batch: Batch, *, first: int, now: int) -> None:
        if not record.key:
            raise RejectedError("no_key", "a record needs the key of the row it is for")
        arrival = self._arrival(record)
        slot = self._rows.slot(record.key)
        if slot.row.outbox:
            slot.row.outbox = [entry for entry in slot.row.outbox if entry.offset >= first]
        if record.offset <= slot.offset:
            batch.effects.extend(batches.again(record, slot.row))
            return
        if record.logged_at > now + FUTURE_MAX_MS:
            raise RejectedError("from_the_future", f"logged at {record.logged_at}, now is {now}")
        result = self._advance(record, arrival, slot)
        if isinstance(result, str):
            batch.ignored.append(result)
            if result != "duplicate" or arrival.cause is None:
                return
        elif result:
            batch.effects.extend(batches.emitted_by(record, result))
        slot.offset = record.offset
        self._dirty[record.key] = slot

    def _advance(self, record: LogRecord, arrival: A, slot: Slot[R]) -> list[Emission] | Ignored:
        """Change the slot's row, or refuse a number that nothing can be computed with."""
        try:
            return self._changed(record, arrival, slot)
        except ArithmeticError as error:
            raise RejectedError("not_computable", f"{error!r}") from error

    def _changed(self, record: LogRecord, arrival: A, slot: Slot[R]) -> list[Emission] | Ignored:
        """Change the slot's row; near the bound on a copy first."""
        assert record.value is not None
        bound = slot.size_bytes + 2 * len(record.value)
        if bound <= rows.ROW_MAX_BYTES // 2 and not self._may_leap(slot.row, arrival):
            result = self._advanced(slot.row, arrival, offset=record.offset)
            slot.size_bytes = bound + batches.size(result)
            return result
        candidate = self._copied(slot.row)
        result = self._advanced(candidate, arrival, offset=record.offset)
        size = len(self._encode(candidate, epoch=0, version=0, offset=0))
        if size > rows.ROW_MAX_BYTES and slot.row.outbox:
            raise _FullError
        if size > rows.ROW_MAX_BYTES:
            raise RejectedError(
                "row_too_large",
                f"the row would have {size} bytes, at most {rows.ROW_MAX_BYTES}",
            )
        slot.row, slot.size_bytes = candidate, size
        return result

    def _advanced(self, row: R, arrival: A, *, offset: int) -> list[Emission] | Ignored:
        result = self._advance_row(row, arrival)
        if result and not isinstance(result, str):
            row.outbox.append(OutboxEntry(offset, tuple(result)))
        return result

    def _is_outbox_full(self, record: LogRecord) -> bool:
        slot = self._dirty.get(record.key or b"")
        # A row is no smaller than its outbox, so that few are added up.
        if slot is None or slot.size_bytes < OUTBOX_MAX_BYTES:
            return False
        return sum(batches.size(entry.emissions) for entry in slot.row.outbox) >= OUTBOX_MAX_BYTES

    def _closed(self, batch: Batch, consumed: int, switch: Switched | None) -> Batch:
        written = [self._written(key, slot) for key, slot in self._dirty.items()]
        self._dirty.clear()
        return batch._replace(consumed=consumed, rows=written, switch=switch)

    def _written(self, key: bytes, slot: Slot[R]) -> ChangelogRecord:
        slot.version += 1
        value = self._encode(slot.row, epoch=self.epoch, version=slot.version, offset=slot.offset)
        self._rows.keep(key, slot, value)
        return ChangelogRecord(key, value)

    def _switch_record(self) -> ChangelogRecord:
        self._switch_version += 1
        value = rows.encode_switch(
            self.switched_to,
            epoch=self.epoch,
            version=self._switch_version,
            offset=self._switched_at + 1,
        )
        return ChangelogRecord(recovery.SWITCH_KEY, value)

    def _timers_of(self, key: bytes) -> Mapping[str, Timer]:
        return self._timers_in(self._rows.slot(key).row)
