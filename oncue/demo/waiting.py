"""When a run of the demo is over: everything sent is stored, and nothing moves any more."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from clickhouse.client import Reader
from clickhouse.errors import QueryLimitError, RetryError
from oncue.demo import observing
from oncue.demo.observing import Run, Sight
from oncue.demo.readers import Readers

POLL_S: Final = 2.0
STABLE_S: Final = 4.0
"""How long nothing may move: longer than the sink waits before it inserts."""

DEADLINE_S: Final = 180.0
"""After the last timer is due."""

TRIES: Final = 5

T = TypeVar("T")


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
    began_s = moved_s = time.monotonic()
    seen = Sight()
    while True:
        found = await _tried(observing.look(reader, run))
        now_s = time.monotonic()
        if (found is not None and found != seen) or not readers.is_quiet:
            moved_s, seen = now_s, found or seen
        is_still = now_s - began_s >= idle_s + STABLE_S and now_s - moved_s >= STABLE_S
        is_settled = found is not None and _is_settled(found, expected)
        # The dearest question comes last.
        if is_still and is_settled and await _tried(observing.customers_missing(reader, run)) == 0:
            return seen, True
        if now_s - began_s > idle_s + DEADLINE_S:
            return seen, False
        await asyncio.sleep(POLL_S)


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask a few times: the machine may be busy with what we are counting.

    Raises:
        ClickHouseError: not even then.
    """
    for _ in range(TRIES - 1):
        answer = await _tried(ask())
        if answer is not None:
            return answer
        await asyncio.sleep(POLL_S)
    return await ask()


async def _tried(asking: Awaitable[T]) -> T | None:
    try:
        return await asking
    except (RetryError, QueryLimitError):
        return None


def _is_settled(found: Sight, expected: Sight) -> bool:
    """Everything sent is stored, and every message has met its fate."""
    return (
        found.events >= expected.events
        and found.receipts >= expected.receipts
        and found.messages >= found.sent
        and not found.unsettled
    )
