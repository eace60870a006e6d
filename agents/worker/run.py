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


class Keeping:
    """Registers tables, each beside the topic it is made from."""

    def __init__(
        self,
        *,
        app: BatchApp,
        producer: Producer,
        definitions: DefinitionsLog,
        catalogue: CatalogueLog,
        partitions: int,
    ) -> None:
        self._app = app
        self._producer = producer
        self._definitions = definitions
        self._catalogue = catalogue
        self._partitions = partitions
        self._decoded = DecodedRows()

    def keep(self, table: Table[P]) -> Owner[P]:
        """Own this table's partitions wherever the application is given them."""
        owner = Owner(
            table=table,
            decoded=self._decoded,
            app=self._app,
            producer=self._producer,
            definitions=self._definitions,
            catalogue=self._catalogue,
            clock=now_ms,
        )
        count = self._partitions
        self._app.table(table.name, partitions=count, changelog=table.changelog, keeper=owner)
        self._app.chunks_of(table.topic, partitions=count)(owner.handle)
        return owner


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
        keeping = Keeping(
            app=app,
            producer=producer,
            definitions=definitions,
            catalogue=catalogue,
            partitions=config.partitions,
        )
        owner = keeping.keep(CUSTOMERS)
        keeping.keep(SHARED)
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
