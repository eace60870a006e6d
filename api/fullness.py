"""Whether the log can take more: the embedded broker keeps it in memory, and its keeper says so.

Whoever watches the broker lets a heartbeat say `full`; as long as it does, the collector answers
503. Where nobody watches, as with Apache Kafka, nothing is ever full.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tables import connections
from tables.errors import TablesError
from tables.heartbeats import Heartbeats

FULL: Final = "full"
"""The state, of whichever part."""

LOOK_EVERY_S: Final = 2.0
"""As often as hearts beat."""


class Fullness:
    """What was heard last; while Redis is away it stays."""

    def __init__(self) -> None:
        self._is_full = False

    def is_full(self) -> bool:
        """Whether nothing more can be kept at present."""
        return self._is_full

    async def look(self, heartbeats: Heartbeats) -> None:
        """Listen once."""
        try:
            parts = await heartbeats.parts()
        except TablesError:
            return
        self._is_full = any(part.state == FULL for part in parts)


@asynccontextmanager
async def watched(heartbeats: Heartbeats) -> AsyncIterator[Fullness]:
    """Keep listening as long as the block runs."""
    fullness = Fullness()
    task = asyncio.create_task(_look_on(fullness, heartbeats), name="fullness")
    try:
        yield fullness
    finally:
        await connections.stop([task])


async def _look_on(fullness: Fullness, heartbeats: Heartbeats) -> None:
    while True:
        await fullness.look(heartbeats)
        await asyncio.sleep(LOOK_EVERY_S)
