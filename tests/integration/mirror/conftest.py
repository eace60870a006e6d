"""A mirror that runs between real servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agents.mirror import run
from settings import Settings
from tables.profiles import Profiles
from tests.support import clickhouse as clickhouse_servers
from tests.support import storage
from tests.support import valkey as valkey_servers
from tests.support.clickhouse import ClickHouse
from tests.support.storage import Storage
from tests.support.valkey import Valkey


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    with clickhouse_servers.running(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture
async def store(clickhouse_server: ClickHouse) -> AsyncIterator[Storage]:
    async with storage.around(clickhouse_server) as around:
        yield around


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    with valkey_servers.running(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
async def profiles(valkey: Valkey) -> AsyncIterator[Profiles]:
    profiles = Profiles(url=valkey.url)
    yield profiles
    await profiles.close()


@pytest.fixture
def config(store: Storage, valkey: Valkey) -> Settings:
    return Settings(broker=store.broker, clickhouse=store.clickhouse, redis=valkey.url)


@pytest.fixture
async def mirror(config: Settings) -> AsyncIterator[None]:
    """In this process: it starts at once."""
    working = asyncio.create_task(run.work(config))
    yield
    working.cancel()
    await asyncio.wait([working])
    assert working.cancelled()
