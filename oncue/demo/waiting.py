"""When a run of the demo is over: everything sent is stored, and nothing moves any more."""

import asyncio
import time
from typing import Final

from clickhouse.client import Reader
from clickhouse.errors import RetryError
from oncue.demo import observing
from oncue.demo.observing import Run, Sight
from oncue.demo.readers import Readers

POLL_S: Final = 1.0
STABLE_S: Final = 3.0
"""How long nothing may move: longer than the sink waits before it inserts."""

DEADLINE_S: Final = 120.0
"""After the last timer is due."""


async def until_quiet(
    reader: Reader, run: Run, *, readers: Readers, expected: Sight, idle_s: float
) -> tuple[Sight, bool]:
    """Wait until all of it is stored, every timer fired and every mail read.

    Args:
        expected: Its `events` and `receipts` are what was sent.
        idle_s: Until the last timer is due.

    Returns:
        What was seen last, and whether it was quiet before the deadline.

    Raises:
        ClickHouseError: it cannot be asked, now or later.
    """
    began_s = time.monotonic()
    moved_s, seen = began_s, Sight()
    while True:
        now_s = time.monotonic()
        found = await _look(reader, run) or seen
        if found != seen or not readers.is_quiet:
            moved_s, seen = now_s, found
        is_whole = found.events >= expected.events and found.receipts >= expected.receipts
        is_settled = (
            not found.unsettled and not found.customers_missing and found.messages >= found.sent
        )
        is_over = now_s - began_s >= idle_s + STABLE_S and now_s - moved_s >= STABLE_S
        if is_whole and is_settled and is_over:
            return found, True
        if now_s - began_s > idle_s + DEADLINE_S:
            return found, False
        await asyncio.sleep(POLL_S)


async def _look(reader: Reader, run: Run) -> Sight | None:
    try:
        return await observing.look(reader, run)
    except RetryError:
        return None
