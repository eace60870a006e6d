"""`DELETE /api/customers/{id}` and `/api/erasures`: forgetting somebody, and the receipts."""

from collections.abc import Sequence

import structlog
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, receipts, requests
from api.admin.definitions import Clock
from api.admin.endpoints import PAGING, Endpoint
from api.admin.errors import NotFoundError
from api.admin.receipts import Asked, Receipts
from api.admin.rows import Rows
from clickhouse.client import Reader
from clickhouse.queries import erasures as queries
from engine import keys
from engine.events import ErasureRequested
from streams import wire
from streams.producer import Producer

log = structlog.get_logger(__name__)


class Erasures:
    """An erasure is a command in the customer's log; how far it got, each store tells itself."""

    def __init__(self, *, rows: Rows, reader: Reader, producer: Producer, clock: Clock) -> None:
        self._rows = rows
        self._reader = reader
        self._receipts = Receipts(rows=rows, reader=reader)
        self._producer = producer
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="DELETE",
                path="/api/customers/{id}",
                handler=self.erase,
                summary="Erase the customer everywhere, for good.",
                statuses=(404, 503),
                success=202,
            ),
            Endpoint(
                method="GET",
                path="/api/erasures",
                handler=self.list,
                summary="Every erasure with its receipt, the one asked for last first; a new one "
                "is there after about a second.",
                queries=PAGING,
                statuses=(400, 503),
            ),
            Endpoint(
                method="GET",
                path="/api/erasures/{id}",
                handler=self.get,
                summary="How far an erasure is, store by store.",
                statuses=(404, 503),
            ),
        )

    async def erase(self, request: Request) -> Response:
        """Append the command; once more, and what a backup brought back is erased again."""
        customer_id = requests.path_id(request)
        row = await self._rows.find(customer_id)
        if row is None:
            raise NotFoundError("customer", customer_id)
        now = self._clock()
        erasure_id = receipts.token(row.customer.id, now)
        event = ErasureRequested(id=erasure_id, occurred_at=now, source="admin")
        key = keys.from_public_id(row.customer.id)
        await self._producer.deliver([wire.record_of(key, event)])
        log.info("erasure_requested", erasure_id=erasure_id)
        accepted = {
            "id": erasure_id,
            "customer": row.customer.id,
            "requested_at": answers.time(now),
            "status": "pending",
            "url": f"/api/erasures/{erasure_id}",
        }
        return answers.json(accepted, status=202)

    async def list(self, request: Request) -> Response:
        """One page; also of those that only the log knows yet."""
        limit = requests.limit(request)
        found = await queries.requested(
            self._reader, after=paging.after(request, paging.BY_TIME), limit=limit + 1
        )
        known = [receipts.asked(erasure_id) for erasure_id in found]
        shown = dict(zip(found, await self._receipts.of(known), strict=True))
        return answers.page(
            paging.page(known, limit=limit, key=_place, shape=lambda one: shown[one.id])
        )

    async def get(self, request: Request) -> Response:
        """The receipt; it is final once its status is `done`."""
        asked = receipts.asked(str(request.path_params["id"]))
        [receipt] = await self._receipts.of([asked])
        return answers.json(receipt)


def _place(one: Asked) -> tuple[int, str]:
    return one.at, one.id
