"""The tabs of purchases: `/receipts`, `/orders` and `/stores` of one customer."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, documents, features, paging, requests
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.paging import Page
from api.admin.rows import Rows
from clickhouse.client import Reader
from clickhouse.queries import identities
from clickhouse.queries import purchases as queries
from engine import purchases
from engine.ledger.stores import Visited
from streams.definitions import DefinitionsLog

ONE: Final = Query(name="id", meaning="Only this one: where an entry of the feed leads.")


class Purchases:
    """Lists come from ClickHouse, a second or two behind; stores from the row."""

    def __init__(self, *, rows: Rows, reader: Reader, log: DefinitionsLog) -> None:
        self._rows = rows
        self._reader = reader
        self._log = log

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        one = "/api/customers/{id}"
        return (
            Endpoint(
                method="GET",
                path=f"{one}/receipts",
                handler=self.receipts,
                summary="Receipts and returns with their lines, newest first.",
                queries=(*PAGING, ONE),
                statuses=(400, 410, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{one}/orders",
                handler=self.orders,
                summary="Orders with their lines and three statuses, newest first.",
                queries=(*PAGING, ONE),
                statuses=(400, 404, 410, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{one}/stores",
                handler=self.stores,
                summary="Favourite stores: those with most receipts first.",
                queries=PAGING,
                statuses=(400, 404, 410, 503),
            ),
        )

    async def receipts(self, request: Request) -> Response:
        """One page; a customer nobody knows has an empty one."""
        limit, settings = requests.limit(request), self._log.current.settings
        customer_id = requests.path_id(request)
        await self._rows.refuse_erased(customer_id)
        of = await identities.person(self._reader, customer_id)
        found = await queries.receipts(
            self._reader,
            of=of,
            only=request.query_params.get("id", ""),
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        page = paging.page(
            found,
            limit=limit,
            key=lambda item: (item.at_ms, item.id),
            shape=lambda item: documents.receipt(item, customer=of.customer, settings=settings),
        )
        shown = settings.columns
        return _listed(page, shown.receipts, shown.receipt_lines, settings.fields.receipt)

    async def orders(self, request: Request) -> Response:
        """One page, of a customer who is known."""
        limit, settings = requests.limit(request), self._log.current.settings
        features.require(settings, "orders")
        customer = (await self._rows.get(requests.path_id(request))).customer
        found = await queries.orders(
            self._reader,
            of=await identities.person(self._reader, customer.id),
            only=request.query_params.get("id", ""),
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        page = paging.page(
            found,
            limit=limit,
            key=lambda item: (item.at_ms, item.id),
            shape=lambda item: documents.order(item, customer=customer, settings=settings),
        )
        shown = settings.columns
        return _listed(page, shown.orders, shown.order_lines, settings.fields.order)

    async def stores(self, request: Request) -> Response:
        """One page; a cursor is a place in the list as it is now."""
        limit, after = requests.limit(request), paging.after(request, paging.BY_TIME)
        features.require(self._log.current.settings, "favourite_stores")
        row = await self._rows.get(requests.path_id(request))
        placed = list(enumerate(purchases.stores(row.customer)))
        left = placed if after is None else placed[after[0] + 1 :]
        return answers.page(
            paging.page(
                left[: limit + 1],
                limit=limit,
                key=lambda item: (item[0], item[1].id),
                shape=lambda item: _store(item[1]),
            )
        )


def _store(store: Visited) -> dict[str, object]:
    return {
        "id": store.id,
        "name": store.name,
        "receipts_count": store.receipts_count,
        "last_at": answers.time_or_none(store.last_at),
    }


def _listed(
    page: Page, columns: Sequence[str], line_columns: Sequence[str], fields: Sequence[str]
) -> Response:
    """Items whole, and what of them a list, its lines and the details show, by the settings."""
    return answers.json(
        {
            "items": page.items,
            "cursor": page.cursor,
            "columns": columns,
            "line_columns": line_columns,
            "fields": fields,
        }
    )
