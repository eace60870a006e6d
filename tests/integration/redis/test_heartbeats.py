"""Who is alive, told by Redis."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tables import connections, heartbeats
from tables.errors import RedisUrlError
from tables.heartbeats import Heartbeats
from tests.support.ports import free_port
from tests.support.valkey import Valkey
from tests.support.waiting import eventually


@pytest.fixture
async def hearts(empty: Valkey) -> AsyncIterator[Heartbeats]:
    hearts = Heartbeats(url=empty.url)
    yield hearts
    await hearts.close()


async def states(hearts: Heartbeats) -> list[tuple[str, str, int]]:
    return [(part.name, part.state, part.pid) for part in await hearts.parts()]


def shows(
    hearts: Heartbeats, expected: tuple[str, str, int]
) -> Callable[[], bool | Awaitable[bool]]:
    async def check() -> bool:
        return await states(hearts) == [expected]

    return check


async def test_a_beat_is_seen(hearts: Heartbeats) -> None:
    await hearts.beat("sink", "starting", pid=7)
    await hearts.beat("sink", "ready", pid=7)

    assert await states(hearts) == [("sink", "ready", 7)]


async def test_two_processes_of_one_part_are_two(hearts: Heartbeats) -> None:
    await hearts.beat("worker", "ready", pid=7)
    await hearts.beat("worker", "starting", pid=8)

    assert await states(hearts) == [("worker", "ready", 7), ("worker", "starting", 8)]


async def test_a_part_that_beats_no_more_is_forgotten(hearts: Heartbeats, empty: Valkey) -> None:
    await hearts.beat("sink", "ready", pid=7)
    (part,) = await hearts.parts()
    redis = connections.connect(empty.url)

    lives_ms = await redis.pttl(part.key)
    await redis.delete(part.key)

    assert 0 < lives_ms <= heartbeats.KEPT_S * 1000
    assert await hearts.parts() == []
    assert await redis.scard(heartbeats.NAMES) == 0
    await redis.aclose()


async def test_a_running_part_beats_and_leaves(hearts: Heartbeats, empty: Valkey) -> None:
    ready = False
    async with heartbeats.beating(empty.url, "mirror", is_ready=lambda: ready):
        await eventually(shows(hearts, ("mirror", "starting", os.getpid())))
        ready = True
        await eventually(shows(hearts, ("mirror", "ready", os.getpid())))

    assert await hearts.parts() == []


async def test_a_part_works_on_without_redis() -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"

    async with heartbeats.beating(url, "sink", is_ready=lambda: True):
        pass


async def test_a_wrong_address_is_said_at_once() -> None:
    with pytest.raises(RedisUrlError):
        async with heartbeats.beating("localhost", "sink", is_ready=lambda: True):
            pass


@pytest.mark.parametrize("ticks", range(0, 40, 3))
async def test_a_part_ends_whatever_its_heart_is_doing(ticks: int, empty: Valkey) -> None:
    """On Python 3.11 a cancellation can be lost while Redis answers."""
    async with asyncio.timeout(5), heartbeats.beating(empty.url, "sink", is_ready=lambda: True):
        for _ in range(ticks):
            await asyncio.sleep(0)

    assert asyncio.all_tasks() == {asyncio.current_task()}
