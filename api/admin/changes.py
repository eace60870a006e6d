"""What changed in one customer and when: `/metrics/history`."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests
from api.admin.endpoints import PAGING, Endpoint, Query
from clickhouse.client import Reader
from clickhouse.queries import changes
from clickhouse.queries.changes import StoredChange


class Changes:
    """Read from ClickHouse, a second or two behind; a customer nobody knows has an empty one."""

    def __init__(self, *, reader: Reader) -> None:
        self._reader = reader

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/customers/{id}/metrics/history",
                handler=self.metrics,
                summary="Every value the customer's metrics had, newest first.",
                queries=(*PAGING, Query(name="name", meaning="Only this metric.")),
                statuses=(400, 503),
            ),
        )

    async def metrics(self, request: Request) -> Response:
        """One page of changes."""
        limit = requests.limit(request)
        found = await changes.page(
            self._reader,
            customer_id=requests.path_id(request),
            kind="metric_changed",
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
    }
