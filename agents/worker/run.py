"""The worker's process: settings in, one Faust app with its table, the clock beside it."""

import time

import structlog

import logs
import settings
from agents.batching import running
from agents.batching.app import BatchApp
from agents.batching.tuning import Tuning
from agents.worker.clock import Clock, Switcher
from agents.worker.owner import Owner
from settings import Settings
from streams import topics
from streams.admin import Admin
from streams.catalogue import CatalogueLog
from streams.definitions import DefinitionsLog
from streams.producer import Producer
from tables import heartbeats
from tables.rows import Switch

GROUP = "oncue-worker"

log = structlog.get_logger(__name__)


def now_ms() -> int:
    """Epoch ms, UTC."""
    return time.time_ns() // 1_000_000


async def work(config: Settings) -> None:
    """Own partitions until the process is told to stop."""
    await Admin(brokers=config.broker).probe()
    tuning = Tuning.of(config.session_timeout_s)
    app = BatchApp(GROUP, brokers=config.broker, tuning=tuning)
    producer = Producer(brokers=config.broker, message_timeout_ms=tuning.message_timeout_ms)
    async with (
        producer,
        DefinitionsLog(brokers=config.broker) as definitions,
        CatalogueLog(brokers=config.broker) as catalogue,
    ):
        owner = Owner(
            app=app,
            producer=producer,
            definitions=definitions,
            catalogue=catalogue,
            clock=now_ms,
        )
        app.table(
            "customers",
            partitions=config.partitions,
            changelog=topics.CUSTOMERS_CHANGELOG.name,
            keeper=owner,
        )
        app.chunks_of(topics.EVENTS.name, partitions=config.partitions)(owner.handle)
        clock = Clock(
            inputs=app, partitions=owner.partitions, deliver=producer.deliver, clock=now_ms
        )
        switcher = Switcher(
            inputs=app,
            partitions=owner.partitions,
            deliver=producer.deliver,
            newest=lambda: Switch(definitions.current.offset, catalogue.current.offset),
            clock=now_ms,
        )
        app.background(clock.run)
        app.background(switcher.run)
        app.background(definitions.failed)
        app.background(catalogue.failed)
        async with heartbeats.beating(
            config.redis, "worker", is_ready=lambda: app.open_inputs is not None
        ):
            await running.until_stopped(app)


def main() -> None:
    """Run the worker with the settings of the environment."""
    config = settings.load()
    logs.configure(config.log_level)
    running.tune_collector()
    running.run("worker", work(config))


if __name__ == "__main__":
    main()
