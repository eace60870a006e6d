"""Servers for the tests of one part each; `tests/conftest.py` has what a test may harm."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support import clickhouse, storage
from tests.support.clickhouse import ClickHouse
from tests.support.storage import Storage


@pytest.fixture(scope="session")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """One for all, since loading the engine takes seconds: who asks for it empties it first."""
    with clickhouse.running(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture
async def store(clickhouse_server: ClickHouse) -> AsyncIterator[Storage]:
    """A broker of the test's own and an empty database."""
    async with storage.around(clickhouse_server) as around:
        yield around
