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
from streams.definitions import DefinitionsLog
from streams.producer import Producer
from tables import heartbeats

GROUP = "oncue-worker"

log = structlog.get_logger(__name__)


def now_ms() -> int:
    """Epoch ms, UTC."""
    return time.time_ns() // 1_000_000


async def work(config: Settings) -> None:
    """Own partitions until the process is told to stop."""
    app = BatchApp(GROUP, brokers=config.broker, tuning=Tuning.of(config.session_timeout_s))
    producer = Producer(
        brokers=config.broker, message_timeout_ms=(config.session_timeout_s * 1000 * 5) // 6
    )
    async with producer, DefinitionsLog(brokers=config.broker) as definitions:
        owner = Owner(app=app, producer=producer, definitions=definitions, clock=now_ms)
        app.table(
            "customers",
            partitions=config.partitions,
            changelog=topics.CUSTOMERS_CHANGELOG.name,
            keeper=owner,
        )
        app.chunks_of(topics.EVENTS.name, partitions=config.partitions)(owner.handle)
        clock = Clock(app=app, owner=owner, producer=producer, clock=now_ms)
        switcher = Switcher(
            app=app, owner=owner, producer=producer, definitions=definitions, clock=now_ms
        )
        app.background(clock.run)
        app.background(switcher.run)
        app.background(definitions.failed)
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
