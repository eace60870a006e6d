"""What each segment comes to: profiles, receipts, revenue, LTV, kept several times a day.

A live segment is who is in it by their rows, a computed one is asked by its rule. What was computed
stands in ClickHouse, so API processes share it: each computes only what is due.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Final

import structlog

from clickhouse.client import Reader, Writer
from clickhouse.errors import ClickHouseError
from clickhouse.queries import memberships
from clickhouse.queries.memberships import Sums
from clickhouse.rules.selecting import Context
from clickhouse.tables import SegmentMetricsRow
from engine.definitions.folded import Definitions
from engine.definitions.segments import Segment

LOOK_S: Final = 60.0
"""How soon a new or changed segment is computed for the first time."""

NOBODY: Final = Sums(currency="", customers=0, receipts=0, revenue=Decimal(0), ltv=Decimal(0))

log = structlog.get_logger(__name__)


class Scales:
    """The one who computes."""

    def __init__(
        self,
        *,
        reader: Reader,
        writer: Writer,
        definitions: Callable[[], Definitions],
        clock: Callable[[], int],
        every_s: int,
    ) -> None:
        """`clock` gives epoch ms."""
        self._reader = reader
        self._writer = writer
        self._definitions = definitions
        self._clock = clock
        self._every_ms = every_s * 1_000

    async def keep(self) -> None:
        """Compute what is due, each minute, until cancelled; what fails now is due again then."""
        while True:
            try:
                for segment_id in await self.due():
                    await self.weigh(segment_id)
            except ClickHouseError as error:
                log.warning("segments_not_computed", code=error.code)
            await asyncio.sleep(LOOK_S)

    async def due(self) -> list[str]:
        """Segments that were never computed as they are, or too long ago.

        Raises:
            ClickHouseError: as the reader says.
        """
        known, now = await memberships.computed(self._reader), self._clock()
        return [
            name
            for name, entry in sorted(self._definitions().segments.items())
            if not entry.deleted
            and (
                name not in known
                or known[name][1] != max(entry.versions)
                or now - known[name][0] >= self._every_ms
            )
        ]

    async def weigh(self, segment_id: str) -> None:
        """Compute one and keep it; one that is there no more is passed over.

        Raises:
            ClickHouseError: as reader and writer say.
        """
        definitions = self._definitions()
        entry = definitions.segments.get(segment_id)
        if entry is None or entry.deleted:
            return
        began_at = self._clock()
        found = await self._sums(entry.latest, definitions, now=began_at)
        took_ms = max(0, self._clock() - began_at)
        profiles = sum(one.customers for one in found)
        await self._writer.insert(
            [
                SegmentMetricsRow(
                    segment=segment_id,
                    version=max(entry.versions),
                    at=began_at,
                    currency=one.currency,
                    profiles=profiles,
                    customers=one.customers,
                    receipts=one.receipts,
                    revenue=one.revenue,
                    ltv=one.ltv,
                    took_ms=took_ms,
                )
                for one in found or [NOBODY]
            ]
        )
        log.info("segment_computed", segment=segment_id, profiles=profiles, took_ms=took_ms)

    async def _sums(self, segment: Segment, known: Definitions, *, now: int) -> list[Sums]:
        if segment.mode == "live":
            return await memberships.of_members(self._reader, segment.id)
        metrics = {name: one.latest for name, one in known.metrics.items() if not one.deleted}
        context = Context(
            now,
            known.settings.timezone,
            segments=known.segment_rules.by_id,
            metrics=metrics,
            interest_ms=known.settings.interest_ms,
        )
        return await memberships.of_rule(self._reader, segment.rule, context)
