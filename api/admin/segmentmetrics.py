"""`/api/segments/{id}/metrics`: what a segment comes to, and came to."""

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, definitions, paging, requests
from api.admin.endpoints import PAGING, Endpoint
from api.admin.paging import LATEST_MS
from api.weighing import Scales
from clickhouse.client import Reader
from clickhouse.queries import memberships
from clickhouse.queries.memberships import Kept
from streams.definitions import DefinitionsLog

PATH: Final = "/api/segments/{id}/metrics"


class SegmentMetrics:
    """Kept several times a day: M044, M045."""

    def __init__(
        self,
        *,
        log: DefinitionsLog,
        reader: Reader,
        scales: Scales,
    ) -> None:
        self._log = log
        self._reader = reader
        self._scales = scales

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path=PATH,
                handler=self.history,
                summary="What a segment came to each time it was computed, newest first.",
                queries=PAGING,
                statuses=(400, 404, 503),
            ),
            Endpoint(
                method="POST",
                path=f"{PATH}/recompute",
                handler=self.recompute,
                summary="Compute now what a segment comes to; it happens several times a day, too.",
                statuses=(404, 503),
            ),
        )

    async def history(self, request: Request) -> Response:
        """One page; empty until it was computed for the first time."""
        segment_id, limit = self._existing(request), requests.limit(request)
        after = paging.after(request, paging.BY_TIME)
        before = LATEST_MS if after is None else after[0]
        found = await self._shown(segment_id, before=before, limit=limit + 1)
        return answers.page(
            paging.page(found, limit=limit, key=lambda one: (one[0].at_ms, ""), shape=shape)
        )

    async def recompute(self, request: Request) -> Response:
        """Compute, and answer with what it comes to."""
        segment_id = self._existing(request)
        await self._scales.weigh(segment_id)
        [newest] = await self._shown(segment_id, before=LATEST_MS, limit=1)
        return answers.json(shape(newest))

    async def _shown(self, segment_id: str, *, before: int, limit: int) -> list[list[Kept]]:
        found = await memberships.history(self._reader, segment_id, before=before, limit=limit)
        return [list(several) for _, several in itertools.groupby(found, key=lambda one: one.at_ms)]

    def _existing(self, request: Request) -> str:
        segment_id = requests.path_id(request)
        entry = self._log.current.segments.get(segment_id)
        if entry is None or entry.deleted:
            raise definitions.missing("segments", segment_id)
        return segment_id


def shape(kept: Sequence[Kept]) -> dict[str, object]:
    """What it came to at one instant: the profiles, and of each currency the money."""
    return {
        "computed_at": answers.time(kept[0].at_ms),
        "version": kept[0].version,
        "profiles": kept[0].profiles,
        "currencies": [_money(one) for one in kept if one.customers],
    }


def _money(kept: Kept) -> dict[str, object]:
    """The average check is the average receipt; LTV is that of one customer."""
    return {
        "currency": kept.currency or None,
        "customers": kept.customers,
        "receipts": kept.receipts,
        "revenue": answers.money(kept.revenue),
        "average_check": _each(kept.revenue, kept.receipts),
        "ltv": _each(kept.ltv, kept.customers),
    }


def _each(total: Decimal, count: int) -> Decimal | None:
    return answers.money(round(total / count, 2)) if count > 0 else None
