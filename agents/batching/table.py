"""A table whose changelog is read in batches and written by its owner, never by Faust."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

from faust.tables.table import Table
from faust.types import TP, AppT, EventT

from agents.batching import fatal
from agents.batching.chunks import LogRecord
from agents.batching.schema import ChunkSchema, records_of
from agents.errors import FaustProducerError


class Keeper(Protocol):
    """Who holds the rows. An error in any of these ends the process.

    For each partition of the changelog, at each rebalance that gives or leaves it to us:
    `on_partition_taken`, `on_changelog` as often as needed, `on_recovered`, then chunks of the
    inputs with the same number. `on_partition_lost` comes before the next rebalance's first
    call, and no chunk of the partition runs between the revocation and it.
    """

    async def on_partition_taken(self, partition: int) -> None:
        """Called before the changelog's end is read, so what is appended here is read back.

        Called for a partition we keep, too: somebody may have owned it in between. May be
        cancelled by a further rebalance, and is then called again.
        """

    def on_changelog(self, partition: int, records: Sequence[LogRecord]) -> None:
        """Apply records in the order of the log.

        From the beginning for a partition that was not ours, else from what was read last.
        """

    async def on_recovered(self, partitions: frozenset[int]) -> None:
        """Called with all partitions we own, before any chunk of theirs. May be cancelled."""

    def on_partition_lost(self, partition: int) -> None:
        """Drop the rows: they are somebody else's now."""


class BatchTable(Table[bytes, bytes]):
    """Faust assigns its changelog beside the inputs with as many partitions, and recovers it.

    The topic must exist, compacted, with the partition count of the inputs. As a mapping it is
    empty: the rows live in the keeper.
    """

    def __init__(
        self, app: AppT, *, name: str, partitions: int, changelog: str, keeper: Keeper
    ) -> None:
        super().__init__(
            app,
            name=name,
            partitions=partitions,
            store="memory://",
            # Chunks, not records. Not 1: Faust then keeps reading the changelog for ever.
            recovery_buffer_size=2,
            changelog_topic=app.topic(
                changelog, schema=ChunkSchema(), partitions=partitions, acks=False
            ),
        )
        self._keeper = keeper
        self._read: dict[int, int] = {}
        self.is_keeper_busy = False

    def wrote(self, partition: int, offset: int) -> None:
        """Tell what was appended durably, so that a rebalance does not read it back.

        Optional. A zombie's record below `offset` goes unseen until the partition moves.
        """
        self._read[partition] = max(offset, self._read.get(partition, -1))

    def persisted_offset(self, tp: TP) -> int | None:
        """Where recovery goes on; None for a partition we do not hold."""
        return self._read.get(tp.partition)

    def apply_changelog_batch(self, batch: Iterable[EventT[Any]]) -> None:
        """Pass chunks on. Faust logs what is raised here and goes on, hence the guard."""
        with fatal.guard:
            for event in batch:
                self._apply(event.message.partition, records_of(event.message))

    def _apply(self, partition: int, records: Sequence[LogRecord]) -> None:
        read = self._read.get(partition, -1)
        # Recovery seeks to the last record it has, not behind it.
        unread = records if records[0].offset > read else [r for r in records if r.offset > read]
        if unread:
            self._keeper.on_changelog(partition, unread)
            self._read[partition] = unread[-1].offset

    async def take(self, partitions: Iterable[int]) -> None:
        """Tell the keeper, one partition after the other."""
        with self._keepers_turn():
            for partition in sorted(partitions):
                await self._keeper.on_partition_taken(partition)

    async def recovered(self, partitions: frozenset[int]) -> None:
        """Tell the keeper."""
        with self._keepers_turn():
            await self._keeper.on_recovered(partitions)

    @contextmanager
    def _keepers_turn(self) -> Iterator[None]:
        """The keeper's time is its own: the watchdog does not count it."""
        self.is_keeper_busy = True
        try:
            with fatal.guard:
                yield
        finally:
            self.is_keeper_busy = False

    async def on_rebalance(
        self,
        assigned: set[TP],
        revoked: set[TP],
        newly_assigned: set[TP],
        generation_id: int = 0,
    ) -> None:
        """Let go of the partitions that went to somebody else."""
        with fatal.guard:
            for tp in sorted(revoked):
                if tp.topic == self.changelog_topic_name:
                    self._read.pop(tp.partition, None)
                    self._keeper.on_partition_lost(tp.partition)
        await super().on_rebalance(assigned, revoked, newly_assigned, generation_id)

    def send_changelog(self, *_: object, **__: object) -> NoReturn:
        """Refuse: the owner writes."""
        raise FaustProducerError(topic=self.changelog_topic_name)
