"""The shell around the partitions: takes them, carries out what they decide, in the safe order."""

import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec
import structlog

from agents import deadletters, telemetry
from agents.batching import chunks
from agents.batching.app import BatchApp
from agents.batching.chunks import Chunk
from agents.worker import counting, recovery
from agents.worker.batches import Batch, Emitted, LogRecord
from agents.worker.cache import DecodedRows
from agents.worker.counters import Counters
from agents.worker.owned import Owned
from agents.worker.partition import Partition
from agents.worker.recovery import ChangelogRecord, Recovery
from engine.definitions.folded import Definitions
from engine.events import Switched
from engine.rows import Cause
from streams import topics, wire
from streams.catalogue import CatalogueLog
from streams.definitions import DefinitionsLog
from streams.producer import Producer
from streams.records import CAUSE_HEADER, FORWARDED_HEADER, KIND_HEADER, Record
from tables.rows import Switch

DEFINITIONS_TIMEOUT_MS: Final = 30_000
"""A switch names definitions that stand in the log: not reading them in time is a lost broker."""

log = structlog.get_logger(__name__)


P = TypeVar("P", bound=Owned[Any, Any])


class Table(NamedTuple, Generic[P]):
    """One of the worker's tables: where its records come from, and where its rows go."""

    name: str
    part: str
    """Of the worker, for metrics."""
    topic: str
    changelog: str
    own: Callable[..., P]
    """Makes the owner of one partition."""
    tell: Callable[[Sequence[LogRecord], Batch, int], None]
    """Tells the metrics of a batch, by the worker's clock."""


CUSTOMERS: Final[Table[Partition]] = Table(
    "customers",
    counting.PLACE,
    topics.EVENTS.name,
    topics.CUSTOMERS_CHANGELOG.name,
    Partition,
    counting.count_events,
)
SHARED: Final[Table[Counters]] = Table(
    "shared",
    "worker-shared",
    topics.SHARED.name,
    topics.SHARED_CHANGELOG.name,
    Counters,
    counting.count_claims,
)


class Owner(Generic[P]):
    """Keeps the rows of the partitions this process owns (`agents.batching.table.Keeper`)."""

    def __init__(
        self,
        *,
        table: Table[P],
        decoded: DecodedRows,
        app: BatchApp,
        producer: Producer,
        definitions: DefinitionsLog,
        catalogue: CatalogueLog,
        clock: Callable[[], int],
    ) -> None:
        self.partitions: dict[int, P] = {}
        self._table = table
        self._app = app
        self._producer = producer
        self._definitions = definitions
        self._catalogue = catalogue
        self._clock = clock
        self._run = secrets.token_hex(8)
        self._epochs: dict[int, int] = {}
        self._recoveries: dict[int, Recovery] = {}
        self._decoded = decoded

    async def on_partition_taken(self, partition: int) -> None:
        """Append the owner's marker: its offset is the epoch, and what is read reaches it."""
        self.partitions.pop(partition, None)
        self._recoveries.setdefault(partition, Recovery())
        marker = ChangelogRecord(recovery.OWNER_KEY, self._run.encode())
        [position] = await self._producer.deliver(
            [changelog_record(self._table.changelog, partition, marker)]
        )
        self._epochs[partition] = position.offset

    def on_changelog(self, partition: int, records: Sequence[chunks.LogRecord]) -> None:
        """Fold what earlier owners wrote."""
        self._recoveries[partition].read((record.key, record.value) for record in records)

    async def on_recovered(self, partitions: frozenset[int]) -> None:
        """Own them: prove it, check the log, fold the definitions exactly, write what opens.

        Raises:
            NotOwnerError: the group has gone on without us.
            TopicMadeAnewError: the rows are ahead of the log.
        """
        topic = self._table.topic
        await self._app.prove_ownership(topic)
        ends = await self._app.ends(topic)
        for number in sorted(partitions):
            restored = self._recoveries[number]
            restored.require_reachable(end=ends[number], topic=topic, partition=number)
            await self._own(number, restored)

    def on_partition_lost(self, partition: int) -> None:
        """Forget it."""
        self.partitions.pop(partition, None)
        self._recoveries.pop(partition, None)
        self._epochs.pop(partition, None)

    async def handle(self, chunk: Chunk) -> None:
        """Carry out a chunk: when this returns, everything it caused is durable."""
        partition = self.partitions[chunk.partition]
        records = [_log_record(record) for record in chunk.records]
        with telemetry.BATCH_SECONDS.labels(self._table.part).time():
            while records:
                batch = partition.fold(records, now=self._clock())
                await self._carry_out(chunk.partition, partition, batch)
                self._table.tell(records[: batch.consumed], batch, self._clock())
                if batch.switch is not None:
                    offset = records[batch.consumed - 1].offset
                    await self._switch(chunk.partition, batch.switch, offset=offset)
                records = records[batch.consumed :]

    async def _own(self, number: int, restored: Recovery) -> None:
        partition = self._table.own(
            epoch=self._epochs[number], restored=restored, decoded=self._decoded
        )
        partition.definitions = await self._folded(partition.switched_to)
        opening = partition.opening(restored.outvoted)
        await self._producer.deliver(self._changelog(number, opening))
        self.partitions[number] = partition
        log.info(
            "partition_owned",
            table=self._table.name,
            partition=number,
            epoch=partition.epoch,
            rows=len(partition),
            rewritten=len(restored.outvoted),
            definitions=partition.switched_to.definitions,
            catalogue=partition.switched_to.catalogue,
        )
        restored.outvoted.clear()

    async def _carry_out(self, number: int, partition: P, batch: Batch) -> None:
        await self._producer.deliver(self._changelog(number, batch.rows))
        effects = [effect_record(self._table.topic, number, one) for one in batch.effects]
        for refusal in batch.refusals:
            record = refusal.record
            effects.append(
                deadletters.refused(
                    counting.PLACE,
                    refusal.error,
                    key=record.key,
                    payload=record.value or b"",
                    source=f"{self._table.topic}/{number}/{record.offset}",
                    at=record.logged_at,
                )
            )
        await self._producer.deliver(effects)
        partition.settled(batch)

    async def _switch(self, number: int, switched: Switched, *, offset: int) -> None:
        partition = self.partitions[number]
        wanted = Switch(switched.definitions_offset, switched.catalogue_offset)
        definitions = await self._folded(wanted)
        row = partition.switch(definitions, offset=offset)
        if row is not None:
            await self._producer.deliver(self._changelog(number, [row]))

    def _changelog(self, number: int, rows: Sequence[ChangelogRecord]) -> list[Record]:
        return [changelog_record(self._table.changelog, number, row) for row in rows]

    async def _folded(self, switch: Switch) -> Definitions:
        timeout_ms = DEFINITIONS_TIMEOUT_MS
        definitions = await self._definitions.folded_to(switch.definitions, timeout_ms=timeout_ms)
        catalogue = await self._catalogue.folded_to(switch.catalogue, timeout_ms=timeout_ms)
        return msgspec.structs.replace(definitions, catalogue=catalogue)


def _log_record(record: chunks.LogRecord) -> LogRecord:
    headers = dict(record.headers)
    return LogRecord(
        key=record.key,
        value=record.value,
        kind=headers.get(KIND_HEADER, b""),
        cause=headers.get(CAUSE_HEADER),
        offset=record.offset,
        logged_at=record.timestamp,
        origin=headers.get(FORWARDED_HEADER, b""),
    )


def changelog_record(topic: str, number: int, row: ChangelogRecord) -> Record:
    """A row on its way to the changelog's partition."""
    return Record(topic=topic, key=row.key, value=row.value, partition=number)


def effect_record(topic: str, number: int, emitted: Emitted) -> Record:
    """An effect on its way out; its cause is the record of this topic that it follows from."""
    cause = Cause(f"{topic}/{number}", emitted.offset, emitted.n)
    emission = emitted.emission
    headers = [(CAUSE_HEADER, wire.encode_cause(cause))]
    if emission.kind:
        headers.append((KIND_HEADER, emission.kind.encode()))
    if emission.is_forwarded:
        headers.append((FORWARDED_HEADER, emission.origin.encode()))
    return Record(
        topic=emission.topic,
        key=emission.key.encode() or emitted.key,
        value=emission.value,
        headers=tuple(headers),
    )
