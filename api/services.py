"""What the API works with: opened once, before the first request, and closed after the last."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec

from api import fullness
from api.admin import choosing
from api.backfill import Backfiller
from api.backtesting.reading import Known
from api.fanning import Fanning
from api.fullness import Fullness
from api.jobs.running import Runner
from api.judging import Judge
from api.quintiles import Quintiles
from api.reassessing import Reassessor
from api.weighing import Scales
from clickhouse.client import Reader, Writer
from settings import Settings
from streams.admin import Admin
from streams.catalogue import CatalogueLog
from streams.definitions import DefinitionsLog
from streams.producer import Producer
from tables.clearance import Clearance
from tables.heartbeats import Heartbeats
from tables.profiles import Profiles


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Connections and what follows the log."""

    settings: Settings
    producer: Producer
    definitions: DefinitionsLog
    catalogue: CatalogueLog
    admin: Admin
    reader: Reader
    quintiles: Quintiles
    judge: Judge
    fanning: Fanning
    reassessor: Reassessor
    backfiller: Backfiller
    scales: Scales
    runner: Runner
    profiles: Profiles
    clearance: Clearance
    heartbeats: Heartbeats
    fullness: Fullness


def now_ms() -> int:
    """Epoch ms, UTC."""
    return time.time_ns() // 1_000_000


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Services]:
    """Open everything; Redis and ClickHouse may be away, Kafka may not.

    Raises:
        StreamError: no broker, or one without the topic of definitions.
        RedisUrlError: the setting is no address of a Redis.
        ClickHouseUrlError: the setting is no address of a ClickHouse.
    """
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(Reader(url=settings.clickhouse))
        profiles = Profiles(url=settings.redis)
        clearance = Clearance(url=settings.redis)
        heartbeats = Heartbeats(url=settings.redis)
        for one in (profiles, clearance, heartbeats):
            stack.push_async_callback(one.close)
        producer = await stack.enter_async_context(
            Producer(brokers=settings.broker, message_timeout_ms=settings.acknowledge_timeout_ms)
        )
        definitions = await stack.enter_async_context(
            DefinitionsLog(
                brokers=settings.broker,
                producer=producer,
                timeout_ms=settings.acknowledge_timeout_ms,
                backfill=settings.backfill,
            )
        )
        catalogue = await stack.enter_async_context(
            CatalogueLog(brokers=settings.broker, producer=producer)
        )
        writer = await stack.enter_async_context(Writer(url=settings.clickhouse, threads=1))
        quintiles = Quintiles(reader=reader, writer=writer, log=definitions, clock=now_ms)
        yield Services(
            settings=settings,
            producer=producer,
            definitions=definitions,
            catalogue=catalogue,
            admin=Admin(brokers=settings.broker),
            reader=reader,
            quintiles=quintiles,
            judge=Judge(reader=reader, log=definitions, clock=now_ms),
            fanning=_fanning(settings, reader, producer, definitions),
            reassessor=_reassessor(settings, reader, producer, definitions),
            backfiller=_backfiller(settings, reader, producer, log=definitions, shelf=catalogue),
            scales=_scales(settings, reader, writer, definitions),
            runner=_runner(settings, reader, writer, log=definitions, producer=producer),
            profiles=profiles,
            clearance=clearance,
            heartbeats=heartbeats,
            fullness=await stack.enter_async_context(fullness.watched(heartbeats)),
        )


def _fanning(
    settings: Settings, reader: Reader, producer: Producer, definitions: DefinitionsLog
) -> Fanning:
    return Fanning(
        definitions=definitions,
        reader=reader,
        producer=producer,
        clock=now_ms,
        per_s=settings.import_rows_per_s,
    )


def _reassessor(
    settings: Settings, reader: Reader, producer: Producer, definitions: DefinitionsLog
) -> Reassessor:
    return Reassessor(
        reader=reader,
        producer=producer,
        definitions=lambda: definitions.current,
        clock=now_ms,
        rows_per_s=settings.reassess_rows_per_s,
    )


def _backfiller(
    settings: Settings,
    reader: Reader,
    producer: Producer,
    *,
    log: DefinitionsLog,
    shelf: CatalogueLog,
) -> Backfiller:
    return Backfiller(
        definitions=log,
        known=lambda: Known(log.at, shelf.current),
        reader=reader,
        producer=producer,
        clock=now_ms,
        per_s=settings.backfill_rows_per_s,
        partitions=settings.partitions,
    )


def _scales(
    settings: Settings, reader: Reader, writer: Writer, definitions: DefinitionsLog
) -> Scales:
    return Scales(
        reader=reader,
        writer=writer,
        definitions=lambda: definitions.current,
        clock=now_ms,
        every_s=settings.segment_metrics_every_s,
    )


def _runner(
    settings: Settings,
    reader: Reader,
    writer: Writer,
    *,
    log: DefinitionsLog,
    producer: Producer,
) -> Runner:
    """Carries out what is done for many customers."""
    return Runner(
        reader=reader,
        writer=writer,
        producer=producer,
        definitions=lambda: log.current,
        context=lambda now: choosing.context(log.current, now=now),
        clock=now_ms,
        rate=settings.import_rows_per_s,
    )
