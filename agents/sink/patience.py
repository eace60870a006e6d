"""Wait for what is away, instead of dying for it: the log keeps everything meanwhile."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from clickhouse.errors import RetryError as ClickHouseRetryError
from streams.errors import RetryError as StreamRetryError
from tables.errors import RetryError as TablesRetryError

T = TypeVar("T")

FIRST_S: Final = 0.1
LONGEST_S: Final = 5.0
"""Between two tries; a server that comes back is noticed within that."""

AGAIN_S: Final = 60.0
"""An operator who looks later finds the reason, too."""

Passing = (ClickHouseRetryError, StreamRetryError, TablesRetryError)

log = structlog.get_logger(__name__)


async def patiently(work: Callable[[], Awaitable[T]], *, what: str) -> T:
    """Try again as long as the error may pass; any other goes to the caller."""
    delay_s = FIRST_S
    tries = 0
    told_at = 0.0
    while True:
        try:
            found = await work()
        except Passing as error:
            tries += 1
            if tries == 1 or time.monotonic() > told_at + AGAIN_S:
                told_at = time.monotonic()
                log.warning("waiting", what=what, code=error.code, reason=str(error))
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, LONGEST_S)
            continue
        if tries:
            log.info("waited", what=what, tries=tries)
        return found
