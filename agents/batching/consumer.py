"""Faust's consumer, with a chunk where it had a record.

- `getmany` yields one message per chunk; its offset is the chunk's last, its value the records.
- Commits follow `deliveries`, not acknowledgements.
- `on_partitions_revoked` forgets in Faust what is uncommitted before it commits, so everything
  since the last periodic commit is replayed at each rebalance. Here the running chunk ends and is
  committed first.
- `perform_seek` is also called by a fetch that comes back while the flow is stopped, at a moment
  when recovery may already have placed the changelog: there it does nothing.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import structlog
from faust.transport.consumer import RecordMap
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage
from faust.types.transports import SchedulingStrategyT, TPorTopicSet

from agents.batching import chunks, fatal
from agents.batching.chunks import LogRecord
from agents.batching.deliveries import Deliveries
from agents.batching.placement import Placement
from agents.batching.schema import records_of
from agents.batching.thread import BatchConsumerThread
from agents.errors import DrainTimeoutError

log = structlog.get_logger(__name__)

DRAIN_POLL_S: Final = 0.005

FETCH_TIMEOUT_S: Final = 0.1
"""Faust waits 1 s, and so long it does not see that recovery has opened the inputs."""


class ChunkScheduler(SchedulingStrategyT):
    """Whole chunks, the partitions taking turns; Faust's goes record by record."""

    def __init__(self, *, max_batch: int) -> None:
        self._max_batch = max_batch

    def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, Any]]:
        """Order what one fetch brought."""
        return chunks.split(records, at_most=self._max_batch)


class BatchConsumer(driver.Consumer):
    """Every topic it reads is a batch topic, changelogs included."""

    deliveries: Deliveries
    drain_timeout_s: float

    def __post_init__(self) -> None:
        """Called by Faust at the end of its own."""
        self._fetching = asyncio.Lock()
        self._fetch_count = 0
        self._placement = Placement()

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def batch_thread(self) -> BatchConsumerThread:
        """The thread, by its own type."""
        thread = self._thread
        if not isinstance(thread, BatchConsumerThread):
            raise TypeError(f"not our consumer thread: {thread!r}")
        return thread

    def _to_message(self, tp: TP, record: Sequence[LogRecord]) -> ConsumerMessage:
        last = record[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000,
            0,
            None,
            None,
            record,  # type: ignore[arg-type]  # Faust says bytes, and passes anything on
            None,
            0,
            0,
            TP(tp.topic, tp.partition),
            generation_id=self.app.consumer_generation_id,
        )

    def _filter_tps_with_pending_acks(self, topics: TPorTopicSet | None = None) -> Iterator[TP]:
        for tp in list(self.deliveries.done):
            if topics is None or tp in topics or tp.topic in topics:
                yield tp

    def _new_offset(self, tp: TP) -> int | None:
        return self.deliveries.committable(tp)

    async def perform_seek(self) -> None:
        """Do nothing: `seek_inputs` is the seek, and only recovery knows when."""

    async def seek_inputs(self) -> None:
        """Go to the committed offsets, and forget what was delivered beyond them."""
        inputs = [tp for tp in self.assignment() if not self._is_changelog_tp(tp)]
        async with self._fetching:
            committed = await self.batch_thread.committed(inputs)
            positions = await self.batch_thread.seek_to_start(committed)
        self.deliveries.restart(positions)
        self._placement.restart(positions)
        for tp in inputs:
            self._read_offset[tp] = None
            self._committed_offset[tp] = committed[tp]

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ARG002, ASYNC109 - Faust's signature
        """Fetch, waiting no longer than it may take to notice resumed partitions."""
        self._fetch_count += 1
        async for tp, message in super().getmany(FETCH_TIMEOUT_S):
            records = records_of(message)
            placed = self._placement.place(tp, records, fetch=self._fetch_count)
            if len(placed) == len(records):
                yield tp, message
            elif placed:
                yield tp, self._to_message(tp, placed)
            elif (offset := self._placement.rewind(tp, fetch=self._fetch_count)) is not None:
                log.warning("fetched_out_of_place", topic=tp.topic, partition=tp.partition)
                await self.batch_thread.seek_wait({tp: offset})

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> RecordMap:  # noqa: ASYNC109 - Faust's signature
        async with self._fetching:
            # A copy: the thread would see the changes of later, and take an emptied set for all.
            wanted = set(active_partitions or ())
            return await super()._getmany(wanted, timeout) if wanted else {}

    def on_buffer_full(self, tp: TP) -> None:
        """Do nothing: the conductor waits for room, and that stops the fetch.

        Faust takes the partition out of the fetch, which then waits out its time-out although
        there is room again.
        """

    def on_buffer_drop(self, tp: TP) -> None:
        """Do nothing: nothing was taken out. Faust would resume paused partitions, too."""

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish and commit before the partitions may go to somebody else."""
        # The Kafka client logs what its listener raises and goes on.
        with fatal.guard:
            await self._finish_what_runs()
        await super().on_partitions_revoked(revoked)
        self.deliveries.restart({})
        self._placement.restart({})

    async def _finish_what_runs(self) -> None:
        if self.app.should_stop:
            return
        self.stop_flow()
        self.app.flow_control.suspend()
        self.app.flow_control.clear()
        await self.drain()

    async def drain(self) -> None:
        """Wait for the running chunks, then commit. The flow is suspended already.

        Raises:
            DrainTimeoutError: a chunk is still running after `drain_timeout_s`.
        """
        self.deliveries.forget_waiting()
        deadline = time.monotonic() + self.drain_timeout_s
        while self.deliveries.running:
            if time.monotonic() > deadline:
                raise DrainTimeoutError(
                    waited_s=self.drain_timeout_s, running=str(sorted(self.deliveries.running))
                )
            await asyncio.sleep(DRAIN_POLL_S)
        # Whoever finds a commit under way waits for it and does not commit: so wait first.
        await self.maybe_wait_for_commit_to_finish()
        await self.commit()

    def partition_count(self, topic: str) -> int:
        """How many the broker has; 0 for a topic it does not know.

        `topic_partitions` of Faust asks what the group's leader noted; on the others it says 0.
        """
        return self.batch_thread.partition_count(topic)

    def last_committed(self) -> dict[TP, int | None]:
        """What we have committed, as far as Faust was told."""
        return {tp: self._committed_offset[tp] for tp in self.deliveries.done}

    async def committed(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        """Read committed offsets from the broker."""
        return await self.batch_thread.committed(partitions)
