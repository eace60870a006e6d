"""A worker that counts records per key, for tests to kill: run it as a module.

The row keeps the count and the offset applied, as ours do; effects go to a second topic, one per
record, with the offset as their value. Facts about the run go to stdout, one JSON line each.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence

import msgspec

from agents.batching import running
from agents.batching.app import BatchApp
from agents.batching.chunks import Chunk, LogRecord
from agents.batching.tuning import Tuning
from streams.producer import Producer
from streams.records import Record
from tests.integration.batching.arguments import MARKER, Arguments, Row, take


class Counting:
    """Keeper of the rows, and what is done with each chunk."""

    def __init__(self, arguments: Arguments, producer: Producer) -> None:
        self.arguments = arguments
        self.app = BatchApp(
            arguments.group,
            brokers=arguments.brokers,
            tuning=Tuning(
                max_batch=arguments.pace.max_batch, session_timeout_s=arguments.session_timeout_s
            ),
        )
        self.table = self.app.table(
            "rows", partitions=arguments.partitions, changelog=arguments.changelog, keeper=self
        )
        self.app.chunks_of(arguments.source, partitions=arguments.partitions)(self.on_chunk)
        self.app.background(self.on_clock)
        self._producer = producer
        self._rows: dict[int, dict[bytes, Row]] = {}
        self._epochs: dict[int, int] = {}
        self._seen: Counter[str] = Counter()

    async def on_partition_taken(self, partition: int) -> None:
        """Append who owns it."""
        marker = Record(
            topic=self.arguments.changelog,
            key=MARKER,
            value=self.arguments.owner.encode(),
            partition=partition,
        )
        [position] = await self._producer.deliver([marker])
        self._epochs[partition] = position.offset
        say(event="taken", partition=partition)

    def on_changelog(self, partition: int, records: Sequence[LogRecord]) -> None:
        """Load the rows."""
        rows = self._rows.setdefault(partition, {})
        for record in records:
            self._seen[f"restored/{partition}"] += 1
            if record.key == MARKER and record.offset == self._epochs[partition]:
                self._seen[f"marker/{partition}"] += 1
            take(rows, record.key, record.value)

    async def on_recovered(self, partitions: frozenset[int]) -> None:
        """Tell the test."""
        source = self.arguments.source
        say(
            event="recovered",
            partitions=sorted(partitions),
            committed=await self.app.committed(source),
            ends=await self.app.ends(source),
            seen=self._seen,
            epochs=self._epochs,
        )

    def on_partition_lost(self, partition: int) -> None:
        """Forget."""
        self._rows.pop(partition, None)
        say(event="lost", partition=partition)

    async def on_chunk(self, chunk: Chunk) -> None:
        """Count what is new, append rows and effects, wait for both."""
        rows = self._rows.setdefault(chunk.partition, {})
        dirty: dict[bytes, Row] = {}
        effects = []
        for record in chunk.records:
            key = record.key or b""
            row = rows.setdefault(key, Row())
            if record.offset > row.offset:
                row.count += 1
                row.offset = record.offset
                row.epoch = self._epochs[chunk.partition]
                dirty[key] = row
            effects.append(self._effect(chunk.partition, record))
        await self._misbehave(chunk)
        changes = [
            Record(
                topic=self.arguments.changelog,
                key=key,
                value=msgspec.msgpack.encode(row),
                partition=chunk.partition,
            )
            for key, row in dirty.items()
        ]
        positions = await self._producer.deliver(changes)
        await self._producer.deliver(effects)
        if positions:
            self.table.wrote(chunk.partition, max(p.offset for p in positions))

    async def _misbehave(self, chunk: Chunk) -> None:
        offsets = range(chunk.first_offset, chunk.last_offset + 1)
        pace = self.arguments.pace
        if pace.hang_at in offsets:
            say(event="hanging", partition=chunk.partition, offset=chunk.first_offset)
            await asyncio.Event().wait()
        if pace.fail_at in offsets:
            raise RuntimeError(f"the chunk at {chunk.first_offset} is bad")
        await asyncio.sleep(pace.pause_s)

    def _effect(self, partition: int, record: LogRecord) -> Record:
        return Record(
            topic=self.arguments.effects,
            key=record.key,
            value=str(record.offset).encode(),
            headers=tuple(record.headers),
            partition=partition,
            timestamp_at=record.timestamp,
        )

    async def on_clock(self) -> None:
        """Tell the test what the application says of itself."""
        while True:
            await asyncio.sleep(0.2)
            source = self.arguments.source
            say(event="clock", owned=sorted(self.app.owned(source)), lag=self.app.lag(source))


def say(**facts: object) -> None:
    """One line for the test."""
    sys.stdout.write(msgspec.json.encode(facts).decode() + "\n")
    sys.stdout.flush()


async def main(arguments: Arguments) -> None:
    """Count until told to stop."""
    say(event="started")
    async with Producer(brokers=arguments.brokers) as producer:
        counting = Counting(arguments, producer)
        await running.until_stopped(counting.app)
    say(event="stopped")


if __name__ == "__main__":
    asyncio.run(main(msgspec.json.decode(sys.argv[1], type=Arguments)))
