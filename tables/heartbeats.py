"""Who is alive: every long-running part says so in Redis every two seconds.

A part works on without Redis; that its heartbeat is missing then is the message.
"""

import asyncio
import multiprocessing
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec

from tables import connections
from tables.connections import PREFIX
from tables.errors import TablesError

EVERY_S: Final = 2.0

KEPT_S: Final = 10
"""After five missed beats a part counts as gone."""

NAMES: Final = f"{PREFIX}parts"
"""The set of who may have a key: found without a scan over all customers."""


class Part(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One process of ours."""

    name: str
    """`worker`, `sink`, `mirror`, ...; several may have the same."""
    host: str
    pid: int
    state: str
    """`starting`, `ready`, or a part's own word."""
    beat_at: int
    """Epoch ms, by the part's clock."""

    @property
    def key(self) -> str:
        """Of this process alone."""
        return f"{PREFIX}part:{self.name}:{self.host}:{self.pid}"


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Part).decode


class Heartbeats:
    """Writes and reads heartbeats."""

    def __init__(self, *, url: str) -> None:
        self._address = connections.address_of(url)
        self._redis = connections.connect(url)

    async def beat(self, name: str, state: str, *, pid: int) -> None:
        """Say that this process is alive.

        Raises:
            RedisAwayError: nobody heard it.
        """
        part = _part(name, state, pid)
        with connections.translated(self._address):
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.set(part.key, _encode(part), ex=KEPT_S)
                pipe.sadd(NAMES, part.key)
                await pipe.execute()

    async def leave(self, name: str, *, pid: int) -> None:
        """Say that this process ends.

        Raises:
            RedisAwayError: it will be found out anyway, a little later.
        """
        part = _part(name, "", pid)
        with connections.translated(self._address):
            await self._redis.delete(part.key)

    async def parts(self) -> list[Part]:
        """List who is alive, by name.

        Raises:
            RedisAwayError: nobody knows.
        """
        with connections.translated(self._address):
            keys = [key async for key in self._redis.sscan_iter(NAMES)]
            values = await self._redis.mget(keys) if keys else []
            gone = [key for key, value in zip(keys, values, strict=True) if value is None]
            if gone:
                await self._redis.srem(NAMES, *gone)
        return sorted(_decode(value) for value in values if value is not None)

    async def close(self) -> None:
        """Let the connections go."""
        await connections.close(self._redis)


@asynccontextmanager
async def beating(url: str, name: str, *, is_ready: Callable[[], bool]) -> AsyncIterator[None]:
    """Beat as long as the block runs, `ready` or `starting`; then leave.

    Raises:
        RedisUrlError: the setting is no address of a Redis.
    """
    hearts = Heartbeats(url=url)
    pid = multiprocessing.current_process().pid or 0
    task = asyncio.create_task(_beat_on(hearts, name, pid, is_ready))
    try:
        yield
    finally:
        await connections.stop([task])
        await _quietly(hearts.leave(name, pid=pid))
        await hearts.close()


async def _beat_on(hearts: Heartbeats, name: str, pid: int, is_ready: Callable[[], bool]) -> None:
    while True:
        state = "ready" if is_ready() else "starting"
        await _quietly(hearts.beat(name, state, pid=pid))
        await asyncio.sleep(EVERY_S)


async def _quietly(beat: Awaitable[None]) -> None:
    """A beat that nobody hears is no reason to stop working."""
    with suppress(TablesError):
        await beat


def _part(name: str, state: str, pid: int) -> Part:
    host = socket.gethostname()
    return Part(name=name, host=host, pid=pid, state=state, beat_at=time.time_ns() // 1_000_000)
