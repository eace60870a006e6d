"""What the benchmarks on a broker share: the broker, its topics, what goes in and what came out.

Each run has a broker of its own, because topics have the product's names.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from confluent_kafka import Consumer, TopicPartition

from engine.definitions.changes import Change
from engine.events import Switched
from engine.rows import Row
from streams import client, topics, watermarks, wire
from streams.admin import Admin
from streams.consumer import Reader
from streams.partitions import partition_of
from streams.positions import At
from streams.producer import Producer
from streams.records import Received, Record
from streams.topics import Topic
from tables import rows
from tests.support import brokers
from tests.support.processes import Part

PARTITIONS: Final = 4

SLICE: Final = 5_000
"""Records handed over at once."""

POLL_S: Final = 0.05

STALL_S: Final = 60
"""Far above what any step takes, the recovery of plain Faust's rows too."""

PLAIN_CHANGELOG: Final = Topic(
    name="plain-faust-customers-changelog",
    keyed_by="customer",
    writers=("benchmarks.plain_faust",),
    readers=("benchmarks.plain_faust",),
    cleanup="compact",
)

Ends = Mapping[tuple[str, int], int]
"""The offset after the last record, by topic and partition."""


class StalledError(RuntimeError):
    """A worker does not get on."""

    def __init__(self, *, group: str, said: str) -> None:
        super().__init__(f"{group} commits nothing for {STALL_S} s; it said:\n{said[-4000:]}")


class Stack:
    """A broker with all topics."""

    def __init__(self, *, address: str, producer: Producer) -> None:
        self.address = address
        self.producer = producer

    async def publish(self, changes: Sequence[Change]) -> None:
        """Write the definitions, and let every partition decide under them from its start.

        The records of kind switch also keep offset 0, where the known rows say they are, from
        being an event that a worker would take for applied.
        """
        await self.deliver(
            Record(
                topic=topics.DEFINITIONS.name,
                key=f"{change.kind}/{change.id}".encode(),
                value=msgspec.json.encode(change),
                partition=0,
            )
            for change in changes
        )
        switched = Switched(id="s", occurred_at=0, definitions_offset=len(changes) - 1)
        now = time.time_ns() // 1_000_000
        await self.deliver(
            wire.switch_of(switched, partition=number, logged_at=now)
            for number in range(PARTITIONS)
        )

    async def seed(self, changelog: str, known: Iterable[tuple[str, Row]]) -> None:
        """Write rows as an earlier owner would have.

        The embedded broker says that a partition ends one record after the start of its last
        batch, and stock Faust believes it; so the last rows are batches of their own.
        """
        last: dict[int, Record] = {}
        held: list[Record] = []
        for key, row in known:
            number = partition_of(key.encode(), PARTITIONS)
            value = rows.encode(row, epoch=0, version=1, offset=0)
            if number in last:
                held.append(last[number])
            last[number] = Record(topic=changelog, key=key.encode(), value=value, partition=number)
            if len(held) >= SLICE:
                await self.deliver(held)
                held = []
        await self.deliver(held)
        await self.deliver(last.values())

    async def deliver(self, records: Iterable[Record]) -> None:
        """Append, in order, slice by slice."""
        waiting = list(records)
        for start in range(0, len(waiting), SLICE):
            await self.producer.deliver(waiting[start : start + SLICE])

    async def ends(self, *names: str) -> Ends:
        """Where these topics end now."""
        partitions = [(name, number) for name in names for number in range(PARTITIONS)]
        return await asyncio.to_thread(
            lambda: watermarks.true_ends(
                brokers=self.address, partitions=partitions, timeout_ms=STALL_S * 1000
            )
        )

    async def until_committed(self, group: str, worker: Part) -> None:
        """Wait until the worker has processed every event that there is now.

        Raises:
            StalledError: nothing more was committed for long.
        """
        ends = await self.ends(topics.EVENTS.name)
        places = [TopicPartition(*partition) for partition in ends]
        consumer = Consumer(client.consumer_settings(brokers=self.address, group=group))
        done, moved_s = 0, time.monotonic()
        try:
            while done < sum(ends.values()):
                await asyncio.sleep(POLL_S)
                found = await asyncio.to_thread(consumer.committed, places, timeout=STALL_S)
                now_done = sum(
                    min(max(place.offset, 0), ends[place.topic, place.partition]) for place in found
                )
                if now_done > done:
                    done, moved_s = now_done, time.monotonic()
                if time.monotonic() - moved_s > STALL_S:
                    raise StalledError(group=group, said=worker.said)
        finally:
            consumer.close()

    async def read_from(self, ends: Ends) -> list[Received]:
        """Everything that came after these ends."""
        found: list[Received] = []
        async with Reader(brokers=self.address, timeout_ms=STALL_S * 1000) as reader:
            await reader.assign(list(ends), start=At(offsets=dict(ends)))
            async for records in reader.read_to_end():
                found += records
        return found


@asynccontextmanager
async def running() -> AsyncIterator[Stack]:
    """Run the embedded broker on a free port of loopback."""
    with brokers.embedded() as broker:
        wanted = [*topics.ALL, PLAIN_CHANGELOG]
        await Admin(brokers=broker.address).ensure_topics(partition_count=PARTITIONS, wanted=wanted)
        async with Producer(brokers=broker.address, message_timeout_ms=60_000) as producer:
            yield Stack(address=broker.address, producer=producer)
