"""A migrated database for each test."""

from collections.abc import AsyncIterator

import pytest

from clickhouse import migrate
from clickhouse.client import Reader, Writer
from tests.support.clickhouse import ClickHouse


@pytest.fixture
async def writer(clickhouse_server: ClickHouse) -> AsyncIterator[Writer]:
    async with Writer(url=clickhouse_server.url) as writer:
        await writer.command("DROP DATABASE IF EXISTS oncue")
        await migrate.apply(writer, migrate.known())
        yield writer


@pytest.fixture
async def reader(clickhouse_server: ClickHouse, writer: Writer) -> AsyncIterator[Reader]:
    """Depends on the writer, so that there are tables."""
    del writer
    async with Reader(url=clickhouse_server.url) as reader:
        yield reader
