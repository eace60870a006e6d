"""The worker's shell over logs in memory: the order of `agents.worker.owner`, step by step."""

from typing import Any

from agents.worker import clock, owner, recovery
from agents.worker.cache import DecodedRows
from agents.worker.owned import Owned
from agents.worker.owner import CUSTOMERS, Table
from agents.worker.recovery import ChangelogRecord, Recovery
from engine.events import Switched
from streams import topics, wire
from streams.records import Record
from tables.rows import Switch
from tests.support.simulation.shop import produce
from tests.support.simulation.world import Process, World


class Worker:
    """One ownership of a table's partition; a zombie lingers after another has taken it."""

    def __init__(
        self, world: World, run: str, *, number: int = 0, table: Table[Any] = CUSTOMERS
    ) -> None:
        self.world = world
        self.table = table
        self.number = number
        self.run_id = run
        self.position = 0
        self.partition: Owned[Any, Any] | None = None

    @property
    def is_idle(self) -> bool:
        """Everything logged is applied and committed."""
        end = len(self.world.log(self.table.topic))
        return self.position == end == self.world.committed[self.table.part]

    def run(self) -> Process:
        """Take the partition, then work on it for ever."""
        yield from self._take()
        while self.partition is not None:
            yield from self._tick()
            yield from self._chunk()
            if self.world.rng.random() < 0.3:
                self.world.commit(self.table.part, self.run_id, self.position)
            yield

    def _take(self) -> Process:
        marker = ChangelogRecord(recovery.OWNER_KEY, self.run_id.encode())
        epoch = self.world.append(self._row(marker))
        yield
        restored = Recovery()
        changelog = self.world.log(self.table.changelog)
        end = len(changelog)
        yield
        restored.read((record.key, record.value) for record in changelog[:end])
        if not self._may_own():
            return
        self.partition = self.table.own(
            epoch=epoch, restored=restored, decoded=DecodedRows(at_most=2)
        )
        self.partition.definitions = self.world.folded(self.partition.switched_to)
        opening = self.partition.opening(restored.outvoted)
        self.position = self.world.committed[self.table.part]
        yield from produce(self.world, [self._row(row) for row in opening])

    def _may_own(self) -> bool:
        """The fence of `agents.worker.owner`: a commit that only the group's member may make."""
        return self.world.owners[self.table.part] == self.run_id

    def _chunk(self) -> Process:
        log = self.world.log(self.table.topic)
        records = log[self.position : self.position + self.world.rng.randint(1, 8)]
        partition = self._owned()
        while records:
            batch = partition.fold(records, now=self.world.now)
            yield from produce(self.world, [self._row(row) for row in batch.rows])
            topic = self.table.topic
            effects = [owner.effect_record(topic, self.number, out) for out in batch.effects]
            yield from produce(self.world, effects)
            assert batch.refusals == []
            partition.settled(batch)
            if batch.switch is not None:
                yield from self._switch(batch.switch, records[batch.consumed - 1].offset)
            self.position = records[batch.consumed - 1].offset + 1
            records = records[batch.consumed :]

    def _switch(self, switched: Switched, offset: int) -> Process:
        wanted = Switch(switched.definitions_offset, switched.catalogue_offset)
        definitions = self.world.folded(wanted)
        row = self._owned().switch(definitions, offset=offset)
        if row is not None:
            yield from produce(self.world, [self._row(row)])

    def _tick(self) -> Process:
        partition, now = self._owned(), self.world.now
        due = partition.due(now, at_most=10)
        yield from produce(self.world, [clock._fired(self.number, timer, now=now) for timer in due])
        newest = self.world.newest()
        if self.table.topic != topics.EVENTS.name:
            return
        if clock.is_ahead(newest, partition.switched_to) and self.world.rng.random() < 0.3:
            switched = Switched(
                id="s",
                occurred_at=now,
                definitions_offset=newest.definitions,
                catalogue_offset=newest.catalogue,
            )
            self.world.append(wire.switch_of(switched, partition=self.number, logged_at=now))

    def _row(self, row: ChangelogRecord) -> Record:
        return owner.changelog_record(self.table.changelog, self.number, row)

    def _owned(self) -> Owned[Any, Any]:
        assert self.partition is not None
        return self.partition
