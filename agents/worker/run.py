"""The worker's process: settings in, one Faust app with its tables, the clock beside it."""

import time

import structlog

import logs
import settings
from agents.batching import running
from agents.batching.app import BatchApp
from agents.batching.tuning import Tuning
from agents.worker.cache import DecodedRows
from agents.worker.clock import Clock, Switcher
from agents.worker.owner import CUSTOMERS, SHARED, Owner, P, Table
from settings import Settings
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
        decoded = DecodedRows()

        def keep(table: Table[P]) -> Owner[P]:
            owner = Owner(
                table=table,
                decoded=decoded,
                app=app,
                producer=producer,
                definitions=definitions,
                catalogue=catalogue,
                clock=now_ms,
            )
            app.table(
                table.name,
                partitions=config.partitions,
                changelog=table.changelog,
                keeper=owner,
            )
            app.chunks_of(table.topic, partitions=config.partitions)(owner.handle)
            return owner

        owner = keep(CUSTOMERS)
        keep(SHARED)
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
