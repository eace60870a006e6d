"""A ClickHouse of its own for each test: some of them kill it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support import clickhouse as servers
from tests.support import storage
from tests.support.clickhouse import ClickHouse
from tests.support.storage import Storage


@pytest.fixture
def own_clickhouse(tmp_path: Path) -> Iterator[ClickHouse]:
    with servers.running(tmp_path / "clickhouse") as server:
        yield server


@pytest.fixture
async def store(own_clickhouse: ClickHouse) -> AsyncIterator[Storage]:
    async with storage.around(own_clickhouse) as around:
        yield around
