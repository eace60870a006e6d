"""`/api/customers`: the list, one customer, the cart."""

from collections.abc import Callable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, narrowing, paging, requests, selections, shapes, tabs
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.errors import BadRequestError
from api.admin.rows import Rows, decoded
from clickhouse.client import Reader
from clickhouse.queries import customers as queries
from clickhouse.queries.customers import Found
from engine import carts, links
from engine.catalogue.shelf import Catalogue
from engine.errors import Flaw
from engine.rows import Row
from streams.definitions import DefinitionsLog

METRICS: Final = Query(name="metrics", meaning="1: also what all who fit bring (M127).")


class Customers:
    """One customer comes from Redis, and from ClickHouse while Redis is away; lists always do."""

    def __init__(
        self,
        *,
        rows: Rows,
        reader: Reader,
        log: DefinitionsLog,
        catalogue: Callable[[], Catalogue],
        clock: Callable[[], int],
    ) -> None:
        """`clock` gives epoch ms."""
        self._catalogue = catalogue
        self._rows = rows
        self._reader = reader
        self._log = log
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        one = "/api/customers/{id}"
        return (
            Endpoint(
                method="GET",
                path="/api/customers",
                handler=self.list,
                summary="List the customers; found by q, those that fit best come first.",
                queries=(*PAGING, METRICS, *narrowing.QUERIES),
                statuses=(400, 503),
            ),
            Endpoint(
                method="GET",
                path=one,
                handler=self.get,
                summary="A customer as known now; a visitor is `anonymous:ID`.",
                statuses=(404, 410, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{one}/cart",
                handler=self.cart,
                summary="What the customer's containers hold.",
                queries=(Query(name="container", meaning="`cart` unless told."),),
                statuses=(404, 410, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page, the best first, then by id."""
        limit = requests.limit(request)
        asked = narrowing.narrowed(request)
        self._check_segment(asked.filters.get("segment"))
        after = paging.after(request, paging.BY_FIT)
        found = await queries.page(self._reader, asked, after=after, limit=limit + 1)
        page = paging.page(found, limit=limit, key=lambda item: item.place, shape=self._shape)
        if not request.query_params.get("metrics"):
            return answers.page(page)
        brought = await queries.sums(self._reader, asked)
        currency = self._log.current.settings.currency
        told = selections.metrics(brought, currency=currency)
        return answers.json({"items": page.items, "cursor": page.cursor, "metrics": told})

    async def get(self, request: Request) -> Response:
        """Everything that is known."""
        row = await self._rows.get(requests.path_id(request))
        return answers.json(self._shown(row))

    async def cart(self, request: Request) -> Response:
        """One container; one that was never used is empty."""
        row = await self._rows.get(requests.path_id(request))
        name = request.query_params.get("container", "cart")
        known = carts.live(row.customer, name, at=max(self._clock(), row.now_at))
        return answers.json(tabs.cart(name, known, self._catalogue()))

    def _check_segment(self, segment_id: str | None) -> None:
        """An empty list must mean that nobody is in it: rows tell of live segments only."""
        if segment_id is None:
            return
        entry = self._log.current.segments.get(segment_id)
        if entry is None or entry.deleted:
            message = f"there is no segment {segment_id!r}"
        elif entry.latest.mode != "live":
            message = (
                f'{segment_id!r} is computed: POST {{"segment": "ID"}} to /api/customers/search'
            )
        else:
            return
        raise BadRequestError(
            "invalid_query", message, flaws=[Flaw(path="segment", message=message)]
        )

    def _shape(self, item: Found) -> dict[str, object]:
        return self._shown(decoded(item.row))

    def _shown(self, row: Row) -> dict[str, object]:
        return shapes.customer(
            row.customer,
            as_of=row.now_at,
            # Windows move by the log's time, which may be a little ahead of this clock.
            now=max(self._clock(), row.now_at),
            definitions=self._log.current,
            merged=links.merged(row.links),
        )
