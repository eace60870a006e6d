"""The sink's process: `python -m agents.sink.run`."""

import logs
import settings
from agents.sink import erasing, process, records
from agents.sink.patience import patiently
from agents.sink.sink import Sink
from clickhouse import migrate
from clickhouse.client import Writer
from settings import Settings
from streams.consumer import Reader
from streams.positions import Committed
from streams.producer import Producer
from tables import heartbeats

GROUP = "oncue-sink"

MAX_BUFFERED_BYTES = 32 * 1024 * 1024
"""Read ahead of ClickHouse; all that grows when it is away."""


async def work(config: Settings) -> None:
    """Store everything the topics hold, and go on with what comes."""
    is_following = False
    async with (
        heartbeats.beating(config.redis, "sink", is_ready=lambda: is_following),
        Writer(url=config.clickhouse) as writer,
        Reader(brokers=config.broker, group=GROUP, max_buffered_bytes=MAX_BUFFERED_BYTES) as reader,
        Producer(brokers=config.broker) as producer,
    ):
        await patiently(lambda: migrate.check(writer, migrate.known()), what="clickhouse")
        start, topics = Committed(), list(records.ROW_OF)
        await patiently(lambda: reader.assign_topics(topics, start=start), what="kafka")
        is_following = True
        sink = Sink(
            name="sink",
            reader=reader,
            writer=writer,
            producer=producer,
            row_of=records.ROW_OF,
            eraser=erasing.of_sink(writer),
            thinned=records.originals,
        )
        await sink.run()


def main() -> None:
    """Run the sink with the settings of the environment."""
    config = settings.load()
    logs.configure(config.log_level)
    process.run("sink", work(config))


if __name__ == "__main__":
    main()
