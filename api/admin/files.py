"""`/api/export/customers`: all of them as a file, which the import takes as it is."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.admin import answers, tables
from api.admin.endpoints import Endpoint, Query
from api.admin.errors import BadRequestError
from clickhouse.client import Reader
from clickhouse.queries import everybody
from clickhouse.queries.everybody import ExportedCustomer
from engine.errors import Flaw

PAGE_ROWS: Final = 2_000
"""Held at once; a million customers are 500 questions."""

COLUMNS: Final = (
    "id",
    "email",
    "phone",
    "traits:json",
    "subscriptions:json",
    "orders_count",
    "orders_total",
    "receipts_count",
    "receipts_total",
    "currency",
    "first_seen_at",
    "last_seen_at",
)
"""The types are those of an import's header."""

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


class CustomerFiles:
    """From ClickHouse, page by page: what comes in meanwhile may be there or not."""

    def __init__(self, *, reader: Reader) -> None:
        self._reader = reader

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/export/customers",
                handler=self.customers,
                summary="Every customer by id, as CSV or NDJSON.",
                queries=(Query(name="format", meaning="`csv` unless told, or `ndjson`."),),
                statuses=(400, 503),
            ),
        )

    async def customers(self, request: Request) -> Response:
        """Stream them."""
        asked = request.query_params.get("format", "csv")
        if asked not in {"csv", "ndjson"}:
            flaw = Flaw(path="format", message=f"csv or ndjson, not {asked!r}")
            raise BadRequestError("invalid_query", f"format: {flaw.message}", flaws=[flaw])
        # The first page before the answer begins: an error still has a status.
        first = await everybody.customers(self._reader, after="", limit=PAGE_ROWS)
        is_table = asked == "csv"
        name = f'attachment; filename="customers.{asked}"'
        return StreamingResponse(
            self._lines(first, is_table=is_table),
            media_type="text/csv" if is_table else "application/x-ndjson",
            headers={"content-disposition": name},
        )

    async def _lines(
        self, first: Sequence[ExportedCustomer], *, is_table: bool
    ) -> AsyncIterator[str | bytes]:
        if is_table:
            yield tables.text([], header=COLUMNS)
        found = first
        while found:
            if is_table:
                yield tables.text([cells(customer) for customer in found], columns=COLUMNS)
            else:
                yield b"".join(_encode(shape(customer)) + b"\n" for customer in found)
            found = await everybody.customers(self._reader, after=found[-1].id, limit=PAGE_ROWS)


def shape(customer: ExportedCustomer) -> dict[str, object]:
    """One customer, with what `/v1/customers` reads under its names there."""
    return {
        "id": customer.id,
        "email": customer.email or None,
        "phone": customer.phone or None,
        "traits": msgspec.Raw(customer.attributes.encode() or b"{}"),
        "subscriptions": msgspec.Raw(customer.subscriptions.encode() or b"{}"),
        "orders_count": customer.orders_count,
        "orders_total": answers.money(customer.orders_total),
        "receipts_count": customer.receipts_count,
        "receipts_total": answers.money(customer.receipts_total),
        "currency": customer.currency or None,
        "first_seen_at": answers.time_or_none(customer.first_seen_ms),
        "last_seen_at": answers.time_or_none(customer.last_seen_ms),
    }


def cells(customer: ExportedCustomer) -> dict[str, object]:
    """The same as cells of `COLUMNS`."""
    said = shape(customer)
    return {
        **said,
        "traits:json": customer.attributes,
        "subscriptions:json": customer.subscriptions,
    }
