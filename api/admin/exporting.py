"""`/api/customers/{id}/export`: everything known of a customer in one JSON document."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.admin import answers, requests, shapes
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.rows import Rows
from clickhouse.client import Reader
from clickhouse.queries import exports
from engine import links
from engine.rows import Row
from streams.definitions import DefinitionsLog

RAW: Final = ("payload", "subscriptions")
"""Columns that hold JSON: they go out as what they are, not as text of text."""

logger = structlog.get_logger(__name__)

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


class Exports:
    """Streamed: somebody's years do not have to fit into memory."""

    def __init__(self, *, rows: Rows, reader: Reader, log: DefinitionsLog, clock: Clock) -> None:
        self._rows = rows
        self._log = log
        self._reader = reader
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The route."""
        return (
            Endpoint(
                method="GET",
                path="/api/customers/{id}/export",
                handler=self.get,
                summary="Everything that is known of the customer, as one document.",
                statuses=(404, 410, 503),
            ),
        )

    async def get(self, request: Request) -> Response:
        """The document; one that breaks off is no JSON, so nobody takes a part for the whole."""
        row = await self._rows.get(requests.path_id(request))
        await self._reader.ping()
        logger.info("exported", customer_id=row.customer.id)
        return StreamingResponse(
            self._document(row),
            media_type=answers.JSON,
            headers={
                "content-disposition": 'attachment; filename="customer.json"',
                "cache-control": "no-store",
            },
        )

    async def _document(self, row: Row) -> AsyncIterator[bytes]:
        # Windows move by the log's time, which may be a little ahead of this clock.
        now = max(self._clock(), row.now_at)
        who = identities(row)
        head = {
            "exported_at": answers.time(now),
            "identities": who,
            "customer": shapes.customer(
                row.customer, as_of=row.now_at, now=now, definitions=self._log.current
            ),
            "state": row.customer,
            "consent": [_shape(item) for item in await exports.consent(self._reader, who)],
        }
        yield _encode(head)[:-1]
        for table in sorted(exports.COLUMNS):
            yield f',"{table.removesuffix("_log")}":['.encode()
            separator = b""
            async for item in exports.rows(self._reader, table, who):
                yield separator + _encode(_shape(item))
                separator = b","
            yield b"]"
        yield b"}"


def identities(row: Row) -> list[str]:
    """The public ids under which something may be stored of this person."""
    return [row.customer.id, *links.owned(row.links)]


def _shape(row: Mapping[str, Any]) -> dict[str, object]:
    """A row by its columns; the empty ones say nothing."""
    return {
        name: _raw(value) if name in RAW else value
        for name, value in row.items()
        if value not in ("", None) and value != []
    }


def _raw(text: str) -> object:
    """JSON as it was stored; a refused payload may be none, and stays text."""
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return msgspec.Raw(text.encode())
