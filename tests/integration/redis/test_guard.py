"""A broker that is too large is announced, so that the collector answers 503."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oncue.up import guard
from oncue.up.supervisor import runs
from oncue.up.supervisor.runs import PartState, RunState
from tables.heartbeats import Heartbeats
from tests.support.valkey import Valkey
from tests.support.waiting import eventually


@pytest.fixture
async def hearts(empty: Valkey) -> AsyncIterator[Heartbeats]:
    hearts = Heartbeats(url=empty.url)
    yield hearts
    await hearts.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A run whose broker is this very process."""
    state = RunState(
        run="r",
        folder=str(tmp_path),
        pid=os.getpid(),
        birth=None,
        started_at=0,
        keys={},
        parts=(PartState(name="broker", phase="ready", pid=os.getpid()),),
    )
    runs.write(tmp_path, state)
    return tmp_path


async def announced(hearts: Heartbeats) -> list[str]:
    return [part.state for part in await hearts.parts() if part.name == "broker"]


async def test_a_broker_above_the_limit_is_called_full(
    data: Path, empty: Valkey, hearts: Heartbeats
) -> None:
    watching = asyncio.create_task(guard.watch(data, redis=empty.url, max_bytes=1))

    assert await eventually(lambda: announced(hearts)) == ["full"]

    watching.cancel()
    await asyncio.wait([watching])


async def test_a_broker_below_the_limit_is_not(
    data: Path, empty: Valkey, hearts: Heartbeats
) -> None:
    watching = asyncio.create_task(guard.watch(data, redis=empty.url))
    looks = 2 * guard.LOOK_EVERY_S
    await asyncio.wait([watching], timeout=looks)

    assert await announced(hearts) == []

    watching.cancel()
    await asyncio.wait([watching])
