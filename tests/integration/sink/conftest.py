"""A sink that runs between real servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agents.sink import run
from settings import Settings
from tests.support import clickhouse as servers
from tests.support import processes, storage
from tests.support.clickhouse import ClickHouse
from tests.support.processes import Part
from tests.support.storage import Storage


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    with servers.running(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture
async def store(clickhouse_server: ClickHouse) -> AsyncIterator[Storage]:
    async with storage.around(clickhouse_server) as around:
        yield around


@pytest.fixture
async def sink(store: Storage) -> AsyncIterator[None]:
    """In this process: it starts at once."""
    config = Settings(broker=store.broker, clickhouse=store.clickhouse, redis=store.redis)
    working = asyncio.create_task(run.work(config))
    yield
    working.cancel()
    await asyncio.wait([working])
    assert working.cancelled()


@pytest.fixture
def sink_process(store: Storage, tmp_path: Path) -> Iterator[Part]:
    """For a test of how it starts and ends."""
    with processes.running(store.sink(tmp_path)) as part:
        yield part
