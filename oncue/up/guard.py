"""Watches the embedded broker's memory, which holds its whole log: full means 503, not a crash."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

from oncue.up import memory
from oncue.up.supervisor import runs
from tables.errors import TablesError
from tables.heartbeats import Heartbeats

BROKER_MAX_BYTES: Final = 4 * 1024**3
"""Where the collector stops accepting: far below what makes the machine swap, and some 10 million
events."""

LOOK_EVERY_S: Final = 2.0


async def watch(data: Path, *, redis: str, max_bytes: int = BROKER_MAX_BYTES) -> None:
    """Say in Redis that the broker is full, as long as it is; the API listens."""
    hearts = Heartbeats(url=redis)
    try:
        while True:
            pid = _broker_pid(data)
            if pid is not None and (memory.resident_bytes(pid) or 0) > max_bytes:
                with suppress(TablesError):
                    await hearts.beat("broker", "full", pid=pid)
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await hearts.close()


def _broker_pid(data: Path) -> int | None:
    run = runs.read(data)
    if run is None:
        return None
    return next((part.pid for part in run.parts if part.name == "broker"), None)
