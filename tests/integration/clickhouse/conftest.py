"""A migrated database for each test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from clickhouse import migrate
from clickhouse.client import Reader, Writer
from tests.support import clickhouse as servers
from tests.support.clickhouse import ClickHouse


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """Loading the engine takes seconds."""
    with servers.running(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture
def own_clickhouse(tmp_path: Path) -> Iterator[ClickHouse]:
    """For a test that kills it."""
    with servers.running(tmp_path / "clickhouse") as server:
        yield server


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
