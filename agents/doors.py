"""The doors' process: topics that shops write to themselves, into `events`."""

import asyncio
from typing import Final

import logs
import settings
from agents import telemetry
from agents.batching import running
from agents.batching.app import BatchApp
from agents.batching.tuning import Tuning
from agents.door import Door, Keeper
from agents.regions import Regions
from engine.intake import backoffice, limits, messages, responses
from settings import Settings
from streams import topics
from streams.admin import Admin
from streams.definitions import DefinitionsLog
from streams.errors import TopicMissingError
from streams.producer import Producer
from tables import heartbeats

GROUP: Final = "oncue-doors"

MAX_BATCH: Final = 500
"""Records of a chunk. The largest, 32 KiB each, becomes some 50 MB on its way to `events`."""


LAG_EVERY_S: Final = 1.0

DOORS: Final = (
    Door(topic=topics.TRACKER, take=messages.arrive),
    Door(topic=topics.TRANSACTIONS, take=backoffice.arrive, max_bytes=limits.OBJECT_MAX_BYTES),
    Door(topic=topics.RESPONSES, take=responses.arrive),
)
"""Every topic shops write to themselves."""


async def work(config: Settings) -> None:
    """Take in what arrives until the process is told to stop.

    Raises:
        TopicMissingError: nobody has made a door's topic.
        BrokerAwayError: nobody answers.
    """
    counts = await Admin(brokers=config.broker).partition_counts()
    for door in DOORS:
        if door.name not in counts:
            raise TopicMissingError(topic=door.name)
    tuning = Tuning.of(config.session_timeout_s, max_batch=MAX_BATCH)
    app = BatchApp(GROUP, brokers=config.broker, tuning=tuning)
    producer = Producer(brokers=config.broker, message_timeout_ms=tuning.message_timeout_ms)
    async with producer, DefinitionsLog(brokers=config.broker) as definitions:
        regions = Regions(definitions.history)
        for door in DOORS:
            keeper = Keeper(door, producer=producer, region=regions.at)
            app.chunks_of(door.name, partitions=counts[door.name])(keeper.handle)
        app.background(lambda: tell_lag(app))
        app.background(definitions.failed)
        async with heartbeats.beating(
            config.redis, "doors", is_ready=lambda: app.open_inputs is not None
        ):
            await running.until_stopped(app)


async def tell_lag(app: BatchApp) -> None:
    """Keep the metric of what still waits at each door."""
    while True:
        for door in DOORS:
            for number, lag in app.lag(door.name).items():
                telemetry.LAG.labels("doors", door.name, str(number)).set(lag or 0)
        await asyncio.sleep(LAG_EVERY_S)


def main() -> None:
    """Run the doors with the settings of the environment."""
    config = settings.load()
    logs.configure(config.log_level)
    running.tune_collector()
    running.run("doors", work(config))


if __name__ == "__main__":
    main()
