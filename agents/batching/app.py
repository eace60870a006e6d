"""The application: Faust with batches, sound settings, and errors that end the process."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, cast

import faust
from faust.types import TP, EventT, Message, StreamT
from faust.types.transports import ConsumerT, TransportT
from mode.utils.objects import cached_property
from mode.utils.queues import FlowControlEvent
from yarl import URL

from agents.batching import fatal, versions
from agents.batching.chunks import Chunk, LogRecord
from agents.batching.consumer import BatchConsumer, ChunkScheduler
from agents.batching.deliveries import Deliveries
from agents.batching.flow import FreshQueue, SafeFlowControl
from agents.batching.recovery import BatchTableManager
from agents.batching.schema import ChunkSchema, records_of
from agents.batching.table import BatchTable, Keeper
from agents.batching.transport import BatchTransport
from agents.batching.tuning import Tuning

ChunkHandler = Callable[[Chunk], Awaitable[None]]

WAITING_CHUNKS: Final = 4
"""Chunks queued per topic before fetching stops: memory is this times `max_batch` records."""

DEFAULT: Final = Tuning()

RECOVERY_CHUNKS: Final = 16
"""The same for changelogs, all of them together."""


class BatchApp(faust.App):
    """One consumer group. Make it where its event loop runs."""

    def __init__(self, group: str, *, brokers: str, tuning: Tuning = DEFAULT) -> None:
        """`group` is what offsets are committed under; `brokers` is `host:port,host:port`."""
        versions.require_supported()
        self.deliveries = Deliveries()
        self._tuning = tuning
        self._inputs: dict[str, int] = {}
        self._owned: frozenset[TP] = frozenset()
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
            self._inputs[topic] = partitions
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
        return frozenset(tp.partition for tp in self._owned if tp.topic == topic)

    def lag(self, topic: str) -> dict[int, int | None]:
        """Records behind the end, by owned partition; None before the first fetch response."""
        return {tp.partition: self._lag(tp) for tp in self._owned if tp.topic == topic}

    def _lag(self, tp: TP) -> int | None:
        highwater: int | None = self.batch_consumer.highwater(tp)
        position = self.deliveries.position(tp)
        return None if highwater is None or position is None else max(0, highwater - position)

    async def committed(self, topic: str) -> dict[int, int | None]:
        """Read the committed offset of each assigned partition from the broker."""
        found = await self.batch_consumer.committed(self._assigned(topic))
        return {tp.partition: offset for tp, offset in found.items()}

    async def ends(self, topic: str) -> dict[int, int]:
        """Read the true end of each assigned partition from the broker."""
        found = await self.batch_consumer.highwaters(*self._assigned(topic))
        return {tp.partition: offset for tp, offset in found.items()}

    def _assigned(self, topic: str) -> list[TP]:
        return sorted(tp for tp in self.batch_consumer.assignment() if tp.topic == topic)

    @property
    def batch_consumer(self) -> BatchConsumer:
        """The consumer, by its own type."""
        consumer = self.consumer
        if not isinstance(consumer, BatchConsumer):
            raise TypeError(f"not our consumer: {consumer!r}")
        return consumer

    def on_rebalance_start(self) -> None:
        """Own nothing until the inputs run again. Called in the consumer's thread."""
        self._owned = frozenset()
        super().on_rebalance_start()

    async def start_fetching(self) -> None:
        """Fetch, unless recovery of the changelogs began to already."""
        await self._fetcher.maybe_start()

    def on_inputs_started(self) -> None:
        """Own what recovery has just opened."""
        assigned = self.batch_consumer.assignment()
        self._owned = frozenset(tp for tp in assigned if tp.topic in self._inputs)

    @cached_property
    def flow_control(self) -> FlowControlEvent:
        """Suspends every queue at once."""
        return SafeFlowControl()

    def FlowControlQueue(  # noqa: N802 - Faust's name
        self, maxsize: int | None = None, *, clear_on_resume: bool = False
    ) -> FreshQueue:
        """Make the queue between the consumer and an agent, or recovery."""
        return FreshQueue(
            maxsize=maxsize or 0,
            flow_control=self.flow_control,
            clear_on_resume=clear_on_resume,
            is_fresh=self._is_fresh,
        )

    def _is_fresh(self, event: EventT[Any]) -> bool:
        return bool(event.message.generation_id == self.consumer_generation_id)

    def _new_transport(self) -> TransportT:
        return BatchTransport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> TransportT:
        return BatchTransport(self.conf.broker_producer, self)

    def _new_consumer(self) -> ConsumerT:
        consumer = cast("BatchConsumer", super()._new_consumer())
        consumer.deliveries = self.deliveries
        consumer.drain_timeout_s = self._tuning.drain_timeout_s
        consumer.scheduler = ChunkScheduler(max_batch=self._tuning.max_batch)
        consumer.batch_thread.fetch_max_wait_ms = self._tuning.fetch_max_wait_ms
        return consumer

    async def _consumer_wait_empty(self, consumer: ConsumerT, logger: object) -> None:  # noqa: ARG002 - Faust's signature
        await self.batch_consumer.drain()

    def _crash(self, reason: BaseException) -> None:
        # Faust tells the application of any service's crash; then stops it, and commits.
        with fatal.guard:
            raise reason

    async def on_first_start(self) -> None:
        """Make no folders: the store is memory."""

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
