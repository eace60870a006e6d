"""Whether a customer was erased while the message was on its way: Redis knows within a second.

A Redis that is away does not stop the mail: what is older than a minute goes back to the worker
anyway, which has the stub. So the question costs Redis a fraction of a millisecond, and whoever
cannot be asked is not asked again for a second.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from tables.errors import TablesError
from tables.profiles import Profiles

ASKED_AT_ONCE: Final = 16
"""Half of a pool's connections: one that has none left refuses."""

PAUSE_S: Final = 1.0

log = structlog.get_logger(__name__)


class Erased:
    """Asked right before a message leaves."""

    def __init__(self, *, profiles: Profiles) -> None:
        self._profiles = profiles
        self._slots = asyncio.Semaphore(ASKED_AT_ONCE)
        self._away_until = 0.0

    async def __call__(self, customer_id: str) -> bool:
        """Whether a stub is all that is left of the customer, as far as can be told."""
        async with self._slots:
            if time.monotonic() < self._away_until:
                return False
            try:
                return await self._profiles.is_erased(customer_id)
            except TablesError as error:
                self._away_until = time.monotonic() + PAUSE_S
                log.warning("erasures_not_checked", code=error.code, reason=str(error))
                return False


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[Erased]:
    """Ask the Redis at this address.

    Raises:
        RedisUrlError: it is none of a Redis.
    """
    profiles = Profiles(url=url)
    try:
        yield Erased(profiles=profiles)
    finally:
        await profiles.close()
