"""A sink that runs between real servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agents.sink import run
from settings import Settings
from tests.support import processes
from tests.support.processes import Part
from tests.support.storage import Storage


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
