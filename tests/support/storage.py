"""Everything the sink and the mirror work between: a broker with our topics, ClickHouse, Redis."""

import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from clickhouse import migrate
from clickhouse.client import Reader, Writer
from engine.baseevent import BaseEvent
from engine.events import KINDS
from streams.admin import Admin
from streams.producer import Producer
from streams.records import KIND_HEADER, Record
from tests.support import brokers
from tests.support.clickhouse import ClickHouse
from tests.support.processes import Part

PARTITIONS: Final = 4

_encode: Final = msgspec.json.Encoder().encode


class Storage:
    """The servers, and a way in and out of each."""

    redis = "redis://127.0.0.1:1/0"
    """Nobody is there: the sink works on without its heartbeat."""

    def __init__(
        self, *, broker: str, clickhouse: str, producer: Producer, reader: Reader, writer: Writer
    ) -> None:
        self.broker = broker
        self.clickhouse = clickhouse
        self.producer = producer
        self.reader = reader
        self.writer = writer

    def sink(self, folder: Path) -> Part:
        """A sink between them."""
        return Part(
            "agents.sink.run",
            log=folder / "sink.log",
            broker=self.broker,
            clickhouse=self.clickhouse,
            redis=self.redis,
        )

    async def append(self, records: Sequence[Record]) -> None:
        """Append, acknowledged."""
        await self.producer.deliver(records)

    async def rows(self, sql: str) -> list[dict[str, Any]]:
        """Ask ClickHouse."""
        return await self.reader.rows(sql)

    async def count(self, view: str) -> int:
        """Rows of a view."""
        return int(await self.reader.value(f"SELECT count() FROM oncue.{view}"))  # noqa: S608


@asynccontextmanager
async def around(clickhouse: ClickHouse) -> AsyncIterator[Storage]:
    """A broker of its own, with our topics, and an empty database."""
    with brokers.embedded() as broker:
        await Admin(brokers=broker.address).ensure_topics(partition_count=PARTITIONS)
        async with (
            Producer(brokers=broker.address) as producer,
            Reader(url=clickhouse.url) as reader,
            Writer(url=clickhouse.url) as writer,
        ):
            await writer.command("DROP DATABASE IF EXISTS oncue")
            await migrate.apply(writer, migrate.known())
            yield Storage(
                broker=broker.address,
                clickhouse=clickhouse.url,
                producer=producer,
                reader=reader,
                writer=writer,
            )
        # It holds nothing to save, and would wait five seconds for its clients.
        os.kill(broker.pid, signal.SIGKILL)


def record_of(event: BaseEvent, *, key: bytes | None = b"u:c1") -> Record:
    """An event as the collector appends it."""
    headers = ((KIND_HEADER, KINDS[type(event)].encode()),)
    return Record(topic="events", key=key, value=_encode(event), headers=headers)
