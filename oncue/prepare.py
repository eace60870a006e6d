"""Before anything of ours starts: topics made and checked, tables and kept definitions."""

import asyncio
import sys
import time
from pathlib import Path

from clickhouse import client, migrate
from clickhouse.errors import ClickHouseError
from oncue.definitions import InvalidFolderError
from oncue.up import keeping
from settings import Settings
from streams.admin import Admin
from streams.errors import StreamError


def everything(config: Settings, *, data: Path | None) -> int:
    """Prepare all of it; safe to run again.

    Args:
        data: the folder of `oncue up`, whose definitions an empty log is to get.
    """
    return asyncio.run(_all(config, data))


def tables(config: Settings) -> int:
    """Bring ClickHouse to this version alone: `oncue migrate`."""
    return asyncio.run(_tables(config))


async def _all(config: Settings, data: Path | None) -> int:
    try:
        made = await Admin(brokers=config.broker).ensure_topics(
            partition_count=config.partitions, replication_factor=config.replication_factor
        )
        sys.stdout.write(f"topics made: {', '.join(made) or 'none, all were there'}\n")
        if data is not None:
            now = time.time_ns() // 1_000_000
            count = await keeping.apply(data, brokers=config.broker, at=now)
            sys.stdout.write(f"changes of definitions applied: {count}\n")
    except (StreamError, InvalidFolderError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return await _tables(config)


async def _tables(config: Settings) -> int:
    try:
        async with client.Writer(url=config.clickhouse) as writer:
            applied = await migrate.apply(writer, migrate.known())
    except ClickHouseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    names = ", ".join(migration.name for migration in applied)
    sys.stdout.write(f"migrations applied: {names or 'none, the database is up to date'}\n")
    return 0
