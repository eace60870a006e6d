"""The worker's shell over logs in memory: the order of `agents.worker.owner`, step by step."""

from agents.worker import clock, owner, recovery
from agents.worker.cache import DecodedRows
from agents.worker.partition import Partition
from agents.worker.recovery import ChangelogRecord, Recovery
from engine.events import Switched
from streams import topics, wire
from tables.rows import Switch
from tests.support.simulation.shop import produce
from tests.support.simulation.world import Process, World


class Worker:
    """One ownership of the partition; it may linger as a zombie after another has taken it."""

    def __init__(self, world: World, run: str, *, number: int = 0) -> None:
        self.world = world
        self.number = number
        self.run_id = run
        self.position = 0
        self.partition: Partition | None = None

    @property
    def is_idle(self) -> bool:
        """Everything logged is applied and committed."""
        end = len(self.world.log(topics.EVENTS.name))
        return self.position == end == self.world.committed["worker"]

    def run(self) -> Process:
        """Take the partition, then work on it for ever."""
        yield from self._take()
        while self.partition is not None:
            yield from self._tick()
            yield from self._chunk()
            if self.world.rng.random() < 0.3:
                self.world.commit("worker", self.run_id, self.position)
            yield

    def _take(self) -> Process:
        marker = ChangelogRecord(recovery.OWNER_KEY, self.run_id.encode())
        epoch = self.world.append(owner._changelog(self.number, marker))
        yield
        restored = Recovery()
        changelog = self.world.log(topics.CUSTOMERS_CHANGELOG.name)
        end = len(changelog)
        yield
        restored.read((record.key, record.value) for record in changelog[:end])
        if not self._may_own():
            return
        self.partition = Partition(epoch=epoch, restored=restored, decoded=DecodedRows(at_most=2))
        self.partition.definitions = self.world.folded(self.partition.switched_to)
        opening = self.partition.opening(restored.outvoted)
        self.position = self.world.committed["worker"]
        yield from produce(self.world, [owner._changelog(self.number, row) for row in opening])

    def _may_own(self) -> bool:
        """The fence of `agents.worker.owner`: a commit that only the group's member may make."""
        return self.world.owners["worker"] == self.run_id

    def _chunk(self) -> Process:
        log = self.world.log(topics.EVENTS.name)
        records = log[self.position : self.position + self.world.rng.randint(1, 8)]
        partition = self._owned()
        while records:
            batch = partition.fold(records, now=self.world.now)
            yield from produce(
                self.world, [owner._changelog(self.number, row) for row in batch.rows]
            )
            yield from produce(
                self.world, [owner._effect(self.number, out) for out in batch.effects]
            )
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
            yield from produce(self.world, [owner._changelog(self.number, row)])

    def _tick(self) -> Process:
        partition, now = self._owned(), self.world.now
        due = partition.due(now, at_most=10)
        yield from produce(self.world, [clock._fired(self.number, timer, now=now) for timer in due])
        newest = self.world.newest()
        if clock.is_ahead(newest, partition.switched_to) and self.world.rng.random() < 0.3:
            switched = Switched(
                id="s",
                occurred_at=now,
                definitions_offset=newest.definitions,
                catalogue_offset=newest.catalogue,
            )
            self.world.append(wire.switch_of(switched, partition=self.number, logged_at=now))

    def _owned(self) -> Partition:
        assert self.partition is not None
        return self.partition
