"""Everything Faust lets an application replace, replaced; `app` builds the rest on it."""

import time
from typing import TYPE_CHECKING, Any, cast

import faust
from faust.types import TP, EventT
from faust.types.transports import ConsumerT, TransportT
from mode import Service
from mode.utils.objects import cached_property
from mode.utils.queues import FlowControlEvent

from agents.batching import fatal
from agents.batching.consumer import BatchConsumer, ChunkScheduler
from agents.batching.deliveries import Deliveries
from agents.batching.flow import FreshQueue, SafeFlowControl
from agents.batching.transport import BatchTransport
from agents.batching.tuning import Tuning
from agents.batching.watchdog import INTERVAL_S, Reading, Watchdog
from agents.errors import PartitionCountError

if TYPE_CHECKING:
    from agents.batching.recovery import BatchTableManager


class Foundation(faust.App):
    """Faust's application without its settings and decorators."""

    tuning: Tuning
    deliveries: Deliveries
    inputs: dict[str, int]
    """Partition counts of the topics consumed in chunks."""
    open_inputs: frozenset[TP] | None = None
    """Partitions whose chunks are delivered; None while joining or recovering."""

    @property
    def batch_consumer(self) -> BatchConsumer:
        """The consumer, by its own type."""
        return cast("BatchConsumer", self.consumer)

    def check_partition_counts(self) -> None:
        """Compare the broker's topics with what was declared, once the group has formed.

        Raises:
            PartitionCountError: a topic is missing or has another count; or a table's count is no
                input's, so that its partitions would not follow any input.
        """
        expected = dict(self.inputs)
        for table in self.tables.values():
            if table.partitions not in self.inputs.values():
                counts = max(self.inputs.values(), default=0)
                raise PartitionCountError(
                    topic=table.changelog_topic_name, expected=counts, got=table.partitions or 0
                )
            expected[table.changelog_topic_name] = table.partitions or 0
        for topic, count in expected.items():
            found = self.batch_consumer.partition_count(topic)
            if found != count:
                raise PartitionCountError(topic=topic, expected=count, got=found)

    def lag_of(self, tp: TP) -> int | None:
        """Records behind the end; None before the first fetch response."""
        highwater: int | None = self.batch_consumer.highwater(tp)
        position = self.deliveries.position(tp)
        return None if highwater is None or position is None else max(0, highwater - position)

    async def start_fetching(self) -> None:
        """Fetch, unless recovery of the changelogs began to already."""
        await self._fetcher.maybe_start()

    def on_rebalance_start(self) -> None:
        """Own nothing until the inputs run again. Called in the consumer's thread."""
        self.open_inputs = None
        super().on_rebalance_start()

    def on_inputs_started(self) -> None:
        """Own what recovery has just opened."""
        assigned = self.batch_consumer.assignment()
        self.open_inputs = frozenset(tp for tp in assigned if tp.topic in self.inputs)

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
        return event.message.generation_id == self.consumer_generation_id

    def _new_transport(self) -> TransportT:
        return BatchTransport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> TransportT:
        return BatchTransport(self.conf.broker_producer, self)

    def _new_consumer(self) -> ConsumerT:
        consumer = cast("BatchConsumer", super()._new_consumer())
        consumer.deliveries = self.deliveries
        consumer.drain_timeout_s = self.tuning.drain_timeout_s
        consumer.scheduler = ChunkScheduler(max_batch=self.tuning.max_batch)
        consumer.batch_thread.fetch_max_wait_ms = self.tuning.fetch_max_wait_ms
        return consumer

    async def _consumer_wait_empty(self, consumer: ConsumerT, logger: object) -> None:  # noqa: ARG002 - Faust's signature
        await self.batch_consumer.drain()

    def _crash(self, reason: BaseException) -> None:
        # Faust tells the application of any service's crash; then stops it, and commits.
        with fatal.guard:
            raise reason

    async def on_first_start(self) -> None:
        """Make no folders: the store is memory."""

    @Service.task
    async def _watch(self) -> None:
        watchdog = Watchdog(starting_stall_s=self.tuning.starting_stall_s)
        while not self.should_stop:
            await self.sleep(INTERVAL_S)
            with fatal.guard:
                watchdog.check(self._reading(), now_s=time.monotonic())

    def _reading(self) -> Reading:
        starting = None
        opened = self.open_inputs or ()
        if self.open_inputs is None:
            tables = cast("BatchTableManager", self.tables)
            starting = (self.rebalancing_count, tables.recovery.progress)
        return Reading(
            positions=self.deliveries.done,
            committed=self.batch_consumer.last_committed(),
            behind={tp: self.deliveries.position(tp) or 0 for tp in opened if self.lag_of(tp)},
            running=self.deliveries.running,
            starting=starting,
        )
