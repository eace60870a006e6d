"""Before anything of ours starts: topics made and checked, ClickHouse brought to this version."""

import asyncio
import sys

from clickhouse import client, migrate
from clickhouse.errors import ClickHouseError
from settings import Settings
from streams.admin import Admin
from streams.errors import StreamError


def topics_and_tables(config: Settings) -> int:
    """Prepare both; safe to run again."""
    return asyncio.run(_all(config))


def tables(config: Settings) -> int:
    """Bring ClickHouse to this version alone: `oncue migrate`."""
    return asyncio.run(_tables(config))


async def _all(config: Settings) -> int:
    try:
        made = await Admin(brokers=config.broker).ensure_topics(partition_count=config.partitions)
    except StreamError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"topics made: {', '.join(made) or 'none, all were there'}\n")
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
