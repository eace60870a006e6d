"""A ClickHouse of its own for each test here: some of them kill it."""

from collections.abc import AsyncIterator

import pytest

from tests.support import storage
from tests.support.clickhouse import ClickHouse
from tests.support.storage import Storage


@pytest.fixture
async def store(own_clickhouse: ClickHouse) -> AsyncIterator[Storage]:
    """A broker of the test's own and an empty database."""
    async with storage.around(own_clickhouse) as around:
        yield around
