"""A mirror that runs between real servers."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from agents.mirror import run
from settings import Settings
from tests.support.storage import Storage
from tests.support.valkey import Valkey


@pytest.fixture
def config(store: Storage, own_valkey: Valkey) -> Settings:
    return Settings(broker=store.broker, clickhouse=store.clickhouse, redis=own_valkey.url)


@pytest.fixture
async def mirror(config: Settings) -> AsyncIterator[None]:
    """In this process: it starts at once."""
    working = asyncio.create_task(run.work(config))
    yield
    working.cancel()
    await asyncio.wait([working])
    assert working.cancelled()
