"""`/api/export/customers`: all of them as a file, which the import takes as it is."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.admin import tables, takeout
from api.admin.endpoints import Endpoint, Query
from api.admin.errors import BadRequestError
from clickhouse.client import Reader
from clickhouse.queries import everybody
from clickhouse.queries.everybody import ExportedCustomer
from engine.definitions.settings import Settings
from engine.errors import Flaw
from tables import rows

PAGE_ROWS: Final = 500
"""Held at once, some 2 MB; a million customers are 2,000 questions."""


class CustomerFiles:
    """From ClickHouse, page by page: what comes in meanwhile may be there or not."""

    def __init__(self, *, reader: Reader, settings: Callable[[], Settings]) -> None:
        """`settings` gives those that go now."""
        self._reader = reader
        self._settings = settings

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
        columns = takeout.columns(self._settings().features)
        if is_table:
            yield tables.text([], header=columns)
        found = first
        while found:
            known = [rows.decode(one.row).row for one in found]
            if is_table:
                lines = [takeout.cells(row.customer, as_of=row.now_at) for row in known]
                yield tables.text(lines, columns=columns)
            else:
                yield b"".join(takeout.line(row.customer, as_of=row.now_at) for row in known)
            found = await everybody.customers(self._reader, after=found[-1].id, limit=PAGE_ROWS)
