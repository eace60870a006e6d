"""Worker, sink and mirror between servers of their own: some tests here kill all of them."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tables.profiles import Profiles
from tests.support import clickhouse as clickhouse_servers
from tests.support import processes, storage
from tests.support import valkey as valkey_servers
from tests.support.clickhouse import ClickHouse
from tests.support.processes import Part
from tests.support.storage import Storage
from tests.support.valkey import Valkey

PARTS = {
    "worker": "agents.worker.run",
    "sink": "agents.sink.run",
    "mirror": "agents.mirror.run",
}


@pytest.fixture
def own_clickhouse(tmp_path: Path) -> Iterator[ClickHouse]:
    with clickhouse_servers.running(tmp_path / "clickhouse") as server:
        yield server


@pytest.fixture
async def store(own_clickhouse: ClickHouse) -> AsyncIterator[Storage]:
    async with storage.around(own_clickhouse) as around:
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
def parts(store: Storage, valkey: Valkey, tmp_path: Path) -> Iterator[dict[str, Part]]:
    """Running, by name."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                processes.running(
                    Part(
                        module,
                        log=tmp_path / f"{name}.log",
                        broker=store.broker,
                        clickhouse=store.clickhouse,
                        redis=valkey.url,
                        partitions=str(storage.PARTITIONS),
                    )
                )
            )
            for name, module in PARTS.items()
        }
