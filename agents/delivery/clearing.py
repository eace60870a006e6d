"""Whether anything stands against a message that is about to leave: Redis knows within a second.

The engine has admitted it by what the customer's row knew then; an erasure, a bounce or an operator
may have come since, from another customer's message to the same address. A Redis that is away, or
whose copies are not complete, cannot tell: then nothing leaves, and what waits longer than a minute
goes back to the worker as every message does.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal, TypeAlias

import structlog

from engine import suppressions
from engine.messages import Message
from engine.shared.standings import AddressState
from tables.clearance import Clearance
from tables.errors import TablesError

ASKED_AT_ONCE: Final = 16
"""Half of a pool's connections: one that has none left refuses."""

PAUSE_S: Final = 1.0
"""Whoever could not be asked is not asked again for so long."""

Clearing: TypeAlias = Literal["clear", "erased", "suppressed", "unknown"]

log = structlog.get_logger(__name__)


class Clearings:
    """Asked right before a message leaves."""

    def __init__(self, *, clearance: Clearance) -> None:
        self._clearance = clearance
        self._slots = asyncio.Semaphore(ASKED_AT_ONCE)
        self._away_until = 0.0

    async def __call__(self, message: Message) -> Clearing:
        """Tell what stands against it."""
        async with self._slots:
            if time.monotonic() < self._away_until:
                return "unknown"
            try:
                return await self._asked(message)
            except TablesError as error:
                self._wait_for(code=error.code, reason=str(error))
                return "unknown"

    async def _asked(self, message: Message) -> Clearing:
        kind = suppressions.kind_of(message.channel)
        address = None if kind is None else suppressions.hashed(kind, message.to)
        known = await self._clearance.of(message.customer, address)
        if known.is_erased:
            return "erased"
        if is_against(known.address, message):
            return "suppressed"
        if not known.is_complete:
            self._wait_for(code="copy_incomplete", reason="the mirror has not filled Redis yet")
            return "unknown"
        return "clear"

    def _wait_for(self, *, code: str, reason: str) -> None:
        self._away_until = time.monotonic() + PAUSE_S
        log.warning("messages_wait_for_redis", code=code, reason=reason)


def is_against(address: AddressState | None, message: Message) -> bool:
    """Whether a message of this class may not go to an address that stands so."""
    mark = None if address is None else address.standing
    if mark is None:
        return False
    return mark.scope == "all" or message.message_class == "marketing"


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[Clearings]:
    """Ask the Redis at this address.

    Raises:
        RedisUrlError: it is none of a Redis.
    """
    clearance = Clearance(url=url)
    try:
        yield Clearings(clearance=clearance)
    finally:
        await clearance.close()
