"""The mirror's process: `python -m agents.mirror.run`."""

import asyncio

import logs
import settings
from agents.mirror import copying, customers
from agents.mirror.copying import Copier
from agents.mirror.counters import Defined
from agents.sink import erasing, process
from agents.sink.patience import patiently
from agents.sink.sink import Sink
from clickhouse import migrate
from clickhouse.client import Writer
from settings import Settings
from streams.consumer import Reader
from streams.definitions import DefinitionsLog
from streams.positions import Committed
from streams.producer import Producer
from tables import connections, heartbeats
from tables.profiles import COUNTER, COUNTERS_COPY, Copies, Profiles

GROUP = "oncue-mirror-3"
"""Where ClickHouse is; where Redis is stands in Redis. A new number copies everything once more:
a column that older rows lack fills itself."""

MAX_BUFFERED_BYTES = 16 * 1024 * 1024
"""Read ahead of a store, for each that is followed."""


async def work(config: Settings) -> None:
    """Keep both copies, and what metrics mean, until one of them cannot be kept."""
    profiles = Profiles(url=config.redis)
    counters = Copies(url=config.redis, rows_at=COUNTER, place=COUNTERS_COPY)
    async with (
        Writer(url=config.clickhouse) as writer,
        Reader(brokers=config.broker, max_buffered_bytes=MAX_BUFFERED_BYTES) as for_redis,
        Reader(brokers=config.broker, max_buffered_bytes=MAX_BUFFERED_BYTES) as for_counters,
        Reader(
            brokers=config.broker, group=GROUP, max_buffered_bytes=MAX_BUFFERED_BYTES
        ) as for_clickhouse,
        Producer(brokers=config.broker) as producer,
        DefinitionsLog(brokers=config.broker) as definitions,
    ):
        copier = Copier(
            table=copying.CUSTOMERS, reader=for_redis, copies=profiles, producer=producer
        )
        counting = Copier(
            table=copying.COUNTERS, reader=for_counters, copies=counters, producer=producer
        )
        sink = Sink(
            name="mirror",
            reader=for_clickhouse,
            writer=writer,
            producer=producer,
            row_of={copying.CUSTOMERS.topic: customers.row_of},
            eraser=erasing.of_mirror(writer),
            thinned=customers.highest,
        )
        async with heartbeats.beating(
            config.redis, "mirror", is_ready=lambda: copier.is_complete and counting.is_complete
        ):
            tasks = [
                asyncio.create_task(copier.run()),
                asyncio.create_task(counting.run()),
                asyncio.create_task(_store(writer, for_clickhouse, sink)),
                asyncio.create_task(_define(writer, definitions)),
                asyncio.create_task(definitions.failed()),
            ]
            try:
                ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await connections.stop(tasks)
                await profiles.close()
                await counters.close()
            for task in ended:
                task.result()


async def _store(writer: Writer, reader: Reader, sink: Sink) -> None:
    await patiently(lambda: migrate.check(writer, migrate.known()), what="clickhouse")
    await patiently(
        lambda: reader.assign_topics([copying.CUSTOMERS.topic], start=Committed()), what="kafka"
    )
    await sink.run()


async def _define(writer: Writer, definitions: DefinitionsLog) -> None:
    await patiently(lambda: migrate.check(writer, migrate.known()), what="clickhouse")
    await Defined(log=definitions, writer=writer).run()


def main() -> None:
    """Run the mirror with the settings of the environment."""
    config = settings.load()
    logs.configure(config.log_level)
    process.run("mirror", work(config))


if __name__ == "__main__":
    main()
