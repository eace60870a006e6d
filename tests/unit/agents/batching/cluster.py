"""A Kafka client of memory, below Faust's consumer: no broker, no second thread."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from aiokafka import TopicPartition
from aiokafka.structs import OffsetAndMetadata
from faust.types import TP

from agents.batching.app import BatchApp
from agents.batching.chunks import Chunk
from agents.batching.consumer import BatchConsumer
from agents.batching.thread import BatchConsumerThread

if TYPE_CHECKING:
    from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

EVENTS = TP("events", 0)
CHANGELOG = TP("changelog", 0)


class LogEntry(NamedTuple):
    """What a fetch brings."""

    offset: int
    timestamp: int = 0
    key: bytes | None = b"k"
    value: bytes | None = b"v"
    headers: tuple[tuple[str, bytes], ...] = ()


class Client:
    """Stands for AIOKafkaConsumer; `calls` keeps the order of what was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []
        self.commits: dict[TP, int] = {}
        self.beginnings: dict[TP, int] = {}
        self.partition_counts: dict[str, int] = {}
        self.highwaters: dict[TP, int] = {}
        self.assigned = {EVENTS, CHANGELOG}
        self.on_seek: Callable[[], None] = lambda: None

    def assignment(self) -> set[TP]:
        """Both partitions, unless a test says otherwise."""
        return self.assigned

    async def committed(self, tp: TopicPartition) -> int | None:
        """As the broker would tell."""
        return self.commits.get(TP(*tp))

    async def commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata]) -> None:
        """Keep."""
        self.commits.update({TP(*tp): place.offset for tp, place in offsets.items()})
        self.calls.append(("commit", {TP(*tp): place.offset for tp, place in offsets.items()}))

    async def beginning_offsets(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Zero, unless a test says otherwise."""
        return {tp: self.beginnings.get(TP(*tp), 0) for tp in tps}

    def seek(self, tp: TopicPartition, offset: int) -> None:
        """Keep."""
        self.on_seek()
        self.calls.append(("seek", (TP(*tp), offset)))

    async def seek_to_committed(self) -> dict[TP, int | None]:
        """What aiokafka does: no seek without a commit."""
        self.on_seek()
        for tp, offset in self.commits.items():
            self.calls.append(("seek", (tp, offset)))
        return {tp: self.commits.get(tp) for tp in self.assigned}

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """None where there is no such topic."""
        count = self.partition_counts.get(topic)
        return None if count is None else set(range(count))

    def highwater(self, tp: TopicPartition) -> int | None:
        """None before the first fetch response."""
        return self.highwaters.get(TP(*tp))


class Thread(BatchConsumerThread):
    """Runs what is meant for the other thread here."""

    async def call_thread(self, fun: Callable[..., object], *args: object, **kw: object) -> object:
        """At once."""
        found = fun(*args, **kw)
        return await found if isinstance(found, Awaitable) else found


def connected(app: BatchApp, client: Client) -> BatchConsumer:
    """The application's consumer on the client of memory."""
    consumer = app.batch_consumer
    consumer.batch_thread.thread_loop.close()
    thread = Thread(consumer, thread_loop=asyncio.get_running_loop())
    thread._consumer = client
    consumer._thread = cast("AIOKafkaConsumerThread", thread)
    return consumer


async def ignore(chunk: Chunk) -> None:
    """An agent's function that does nothing."""
