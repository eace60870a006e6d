"""What the page shows, asked at most once in two seconds however many look at it."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import msgspec

from api.admin import reasons
from api.health import Health, PartHealth
from api.services import Services, now_ms
from clickhouse.errors import ClickHouseError
from clickhouse.queries import customers, facts, messages, reports
from clickhouse.queries.customers import StoredCustomer
from clickhouse.queries.facts import StoredFact

FRESH_S: Final = 2.0
ROWS: Final = 12
RATE_WINDOW_MS: Final = 60_000


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was sent, or was not."""

    fact: StoredFact
    words: str
    delivery: str
    """What became of it, in words; empty where there is none."""


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """What ClickHouse knows; a second or two behind."""

    events_per_second: float
    """Over the last minute."""
    customers: Sequence[StoredCustomer]
    decisions: Sequence[Decision]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the page, as of one moment."""

    at_ms: int
    parts: Sequence[PartHealth]
    recent: Recent | None
    """None: see `trouble`."""
    trouble: str
    """Why there is nothing recent, in ClickHouse's words."""
    campaigns: int
    """How many run."""

    @property
    def is_well(self) -> bool:
        """Whether every part works."""
        return all(part.is_ready for part in self.parts)


class Overviews:
    """Keeps the last one for a moment."""

    def __init__(self, *, services: Services, health: Health) -> None:
        self._services = services
        self._health = health
        self._turn = asyncio.Lock()
        self._last: Overview | None = None
        self._taken_s = 0.0

    async def current(self) -> Overview:
        """The one of the last two seconds, or a new one."""
        async with self._turn:
            if self._last is None or time.monotonic() - self._taken_s > FRESH_S:
                self._last = await self._taken()
                self._taken_s = time.monotonic()
            return self._last

    async def _taken(self) -> Overview:
        now = now_ms()
        parts, recent = await asyncio.gather(self._health.parts(), self._recent_or_trouble(now))
        known = self._services.definitions.current.campaigns.values()
        return Overview(
            at_ms=now,
            parts=parts,
            recent=recent if isinstance(recent, Recent) else None,
            trouble=recent if isinstance(recent, str) else "",
            campaigns=sum(entry.status == "live" for entry in known),
        )

    async def _recent_or_trouble(self, now: int) -> Recent | str:
        try:
            return await self._recent(now)
        except ClickHouseError as error:
            return str(error)

    async def _recent(self, now: int) -> Recent:
        reader = self._services.reader
        count = await reports.events_since(reader, now - RATE_WINDOW_MS)
        last = await facts.last(reader, limit=ROWS)
        states = await messages.states(reader, [f.message_id for f in last if f.message_id])
        return Recent(
            events_per_second=count / (RATE_WINDOW_MS / 1000),
            customers=await customers.last_seen(reader, limit=ROWS),
            decisions=[_decision(fact, states.get(fact.message_id, "")) for fact in last],
        )


def _decision(fact: StoredFact, state: str) -> Decision:
    return Decision(
        fact=fact,
        words=reasons.words(fact.kind, fact.reason),
        delivery=reasons.STATES.get(state, state),
    )
