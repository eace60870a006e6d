"""The application: Faust with batches, sound settings, and errors that end the process."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from faust.types import TP, Message, StreamT
from yarl import URL

from agents.batching import fatal, fence, versions
from agents.batching.chunks import Chunk, LogRecord
from agents.batching.deliveries import Deliveries
from agents.batching.foundation import Foundation
from agents.batching.recovery import BatchTableManager
from agents.batching.schema import ChunkSchema, records_of
from agents.batching.table import BatchTable, Keeper
from agents.batching.tuning import Tuning

ChunkHandler = Callable[[Chunk], Awaitable[None]]

WAITING_CHUNKS: Final = 4
"""Chunks queued per topic before fetching stops: memory is this times `max_batch` records."""

DEFAULT: Final = Tuning()

RECOVERY_CHUNKS: Final = 16
"""The same for changelogs, all of them together."""


class BatchApp(Foundation):
    """One consumer group. Make it where its event loop runs."""

    def __init__(self, group: str, *, brokers: str, tuning: Tuning = DEFAULT) -> None:
        """`group` is what offsets are committed under; `brokers` is `host:port,host:port`."""
        versions.require_supported()
        self.deliveries = Deliveries()
        self.tuning = tuning
        self.inputs = {}
        super().__init__(
            group,
            broker=[URL(f"kafka://{broker}") for broker in brokers.split(",")],
            store="memory://",
            autodiscover=False,
            web_enabled=False,
            TableManager=BatchTableManager,
            processing_guarantee="at_least_once",
            broker_session_timeout=tuning.session_timeout_s,
            broker_heartbeat_interval=tuning.heartbeat_interval_s,
            broker_rebalance_timeout=tuning.rebalance_timeout_s,
            broker_commit_interval=tuning.commit_interval_s,
            consumer_auto_offset_reset="earliest",
            consumer_group_instance_id=tuning.instance_id,
            stream_buffer_maxsize=RECOVERY_CHUNKS,
            # `BatchConsumer.drain` waits instead, and not for ever.
            stream_wait_empty=False,
            table_standby_replicas=0,
            # Topics are made by whoever starts the installation, with their settings.
            topic_allow_declare=False,
            topic_disable_leader=True,
        )

    def chunks_of(self, topic: str, *, partitions: int) -> Callable[[ChunkHandler], ChunkHandler]:
        """Register what consumes a topic, one chunk at a time.

        When the function returns, everything the chunk caused must be durable: its offsets may
        be committed from then on. An error ends the process before that.
        """

        def register(handler: ChunkHandler) -> ChunkHandler:
            self.inputs[topic] = partitions
            described = self.topic(
                topic,
                schema=ChunkSchema(on_decode=self._on_chunk_decoded),
                partitions=partitions,
                acks=False,
                maxsize=WAITING_CHUNKS,
            )

            async def consume(stream: StreamT[Any]) -> None:
                async for event in stream.events():
                    await self._handle(handler, event.message.tp, records_of(event.message))

            self.agent(described, name=f"chunks_of_{topic}")(consume)
            return handler

        return register

    def table(self, name: str, *, partitions: int, changelog: str, keeper: Keeper) -> BatchTable:
        """Register a table beside the inputs with as many partitions."""
        table = BatchTable(
            self, name=name, partitions=partitions, changelog=changelog, keeper=keeper
        )
        self.tables.add(table)
        return table

    def background(self, run: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Run beside the agents, from the first recovery until the stop, which cancels it.

        An error ends the process.
        """

        async def guarded() -> None:
            with fatal.guard:
                await run()

        self.task(guarded)
        return run

    def owned(self, topic: str) -> frozenset[int]:
        """Partitions whose chunks we are given now: none during a rebalance or recovery."""
        return frozenset(tp.partition for tp in self.open_inputs or () if tp.topic == topic)

    def lag(self, topic: str) -> dict[int, int | None]:
        """Records behind the end, by owned partition; None before the first fetch response."""
        return {tp.partition: self.lag_of(tp) for tp in self.open_inputs or () if tp.topic == topic}

    async def committed(self, topic: str) -> dict[int, int | None]:
        """Read the committed offset of each assigned partition from the broker."""
        found = await self.batch_consumer.committed(self._assigned(topic))
        return {tp.partition: offset for tp, offset in found.items()}

    async def prove_ownership(self, topic: str) -> None:
        """Make sure that the group still counts us as the owner of what it assigned to us.

        Raises:
            NotOwnerError: it does not; see `agents.batching.fence`.
        """
        committed = await self.batch_consumer.committed(self._assigned(topic))
        await fence.prove(self.batch_consumer.batch_thread.commit_as_member, committed)

    async def ends(self, topic: str) -> dict[int, int]:
        """Read the true end of each assigned partition from the broker."""
        found = await self.batch_consumer.highwaters(*self._assigned(topic))
        return {tp.partition: offset for tp, offset in found.items()}

    def _assigned(self, topic: str) -> list[TP]:
        return sorted(tp for tp in self.batch_consumer.assignment() if tp.topic == topic)

    async def _handle(self, handler: ChunkHandler, tp: TP, records: Sequence[LogRecord]) -> None:
        chunk = Chunk(topic=tp.topic, partition=tp.partition, records=records)
        with fatal.guard:
            self.deliveries.begin(tp, chunk.first_offset)
            try:
                await handler(chunk)
                self.deliveries.finish(tp, chunk.last_offset)
            finally:
                self.deliveries.abandon(tp)

    def _on_chunk_decoded(self, message: Message) -> None:
        self.deliveries.hand_over(message.tp, records_of(message)[0].offset)
