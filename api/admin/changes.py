"""What changed in one customer and when: metrics, contacts, consent."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests
from api.admin.endpoints import PAGING, Endpoint, Handler, Query
from api.admin.rows import Rows
from clickhouse.client import Reader
from clickhouse.queries import changes, identities
from clickhouse.queries.changes import StoredChange
from engine.facts import ChangeKind

HISTORIES: Final[tuple[tuple[str, ChangeKind, str, str], ...]] = (
    (
        "metrics",
        "metric_changed",
        "Every value the customer's metrics had, newest first.",
        "`receipts_total`",
    ),
    (
        "contacts",
        "contact_changed",
        "Every change of an address, its state or kind, or the time zone, newest first.",
        "`email_state`",
    ),
    (
        "subscriptions",
        "consent_changed",
        "Every change of consent and of preferred channels, newest first, with who said so.",
        "`sms/promo`",
    ),
)
"""Tab, kind of fact, summary, and an example of a name."""


class Changes:
    """Read from ClickHouse, a second or two behind; a customer nobody knows has an empty one."""

    def __init__(self, *, rows: Rows, reader: Reader) -> None:
        self._rows = rows
        self._reader = reader

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return tuple(
            Endpoint(
                method="GET",
                path=f"/api/customers/{{id}}/{tab}/history",
                handler=self._handler(kind),
                summary=summary,
                queries=(*PAGING, Query(name="name", meaning=f"Only this: {example}.")),
                statuses=(400, 410, 503),
            )
            for tab, kind, summary, example in HISTORIES
        )

    def _handler(self, kind: ChangeKind) -> Handler:
        async def history(request: Request) -> Response:
            return await self._page(request, kind)

        return history

    async def _page(self, request: Request, kind: ChangeKind) -> Response:
        limit, customer_id = requests.limit(request), requests.path_id(request)
        await self._rows.refuse_erased(customer_id)
        found = await changes.page(
            self._reader,
            of=await identities.person(self._reader, customer_id),
            kind=kind,
            name=request.query_params.get("name", ""),
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        return answers.page(
            paging.page(found, limit=limit, key=lambda item: (item.at_ms, item.id), shape=shape)
        )


def shape(item: StoredChange) -> dict[str, object]:
    """From what to what, and by which event; values are text as facts have them."""
    return {
        "id": item.id,
        "at": answers.time(item.at_ms),
        "name": item.name,
        "before": item.before,
        "after": item.after,
        "cause": item.cause,
        "origin": item.origin or None,
    }
