"""`/api/customers/{id}/export`: everything known of a customer in one JSON document.

`.../export/link` makes an address under which customers download their own, without a token of
ours: the shop shows it to whoever has logged in there. Signed, for one customer, and it expires.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from api.admin import answers, requests, shapes
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.rows import Rows
from api.errors import ProblemError
from channels.errors import InvalidTokenError
from channels.links import Download, Links
from clickhouse.client import Reader
from clickhouse.queries import exports
from engine import links
from engine.rows import Row
from streams.definitions import DefinitionsLog

RAW: Final = ("payload", "subscriptions")
"""Columns that hold JSON: they go out as what they are, not as text of text."""

LINK_MS: Final = 7 * 24 * 3_600_000
"""How long a link works: a week, as long as a customer's request may lie in a mailbox."""

logger = structlog.get_logger(__name__)

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


class Exports:
    """Streamed: somebody's years do not have to fit into memory."""

    def __init__(
        self, *, rows: Rows, reader: Reader, log: DefinitionsLog, links: Links, clock: Clock
    ) -> None:
        self._rows = rows
        self._links = links
        self._log = log
        self._reader = reader
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="POST",
                path="/api/customers/{id}/export/link",
                handler=self.link,
                summary="An address under which the customer downloads the same, for a week.",
                statuses=(404, 410, 503),
            ),
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
        return await self._of(requests.path_id(request))

    async def link(self, request: Request) -> Response:
        """Sign it; whoever has it sees everything, so it goes to the customer and nobody else."""
        row = await self._rows.get(requests.path_id(request))
        expires_at = self._clock() + LINK_MS
        url = self._links.download_url(Download(customer=row.customer.id, expires_at=expires_at))
        return answers.json({"url": url, "expires_at": answers.time(expires_at)})

    async def own(self, request: Request) -> Response:
        """The customer's own document, by a link.

        Raises:
            ProblemError: 404, no link of ours; 410, one that has expired.
        """
        try:
            asked = self._links.downloaded(request.path_params["token"])
        except InvalidTokenError as error:
            raise ProblemError(404, error.code, str(error)) from error
        if asked.expires_at <= self._clock():
            message = "this link has expired: ask the shop for another"
            raise ProblemError(410, "link_expired", message)
        return await self._of(asked.customer)

    async def _of(self, customer_id: str) -> Response:
        row = await self._rows.get(customer_id)
        await self._reader.ping()
        logger.info("exported", customer_id=row.customer.id)
        return StreamingResponse(
            self._document(row),
            media_type=answers.JSON,
            headers={
                "content-disposition": 'attachment; filename="customer.json"',
                "cache-control": "no-store, private",
                "x-robots-tag": "noindex",
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


def routes(handler: Exports) -> list[Route]:
    """What needs no token of the administration."""
    return [Route("/d/{token}", handler.own, methods=["GET"])]


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
