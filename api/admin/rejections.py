"""`/api/rejections`, what the collector refused, and `/api/dead-letters`, what anybody did."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests
from api.admin.endpoints import PAGING, Endpoint, Query
from clickhouse.client import Reader
from clickhouse.queries import rejections
from clickhouse.queries.rejections import Rejection

CODE = Query(name="code", meaning="Only with this code.")


class Rejections:
    """Nothing that was refused is lost: here it can be read, with the reason."""

    def __init__(self, *, reader: Reader) -> None:
        self._reader = reader

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/rejections",
                handler=self.of_collector,
                summary="Messages that the collector refused, newest first.",
                queries=(*PAGING, CODE),
                statuses=(400, 503),
            ),
            Endpoint(
                method="GET",
                path="/api/dead-letters",
                handler=self.everything,
                summary="Everything that was refused anywhere, newest first.",
                queries=(*PAGING, CODE, Query(name="place", meaning="Only there: `worker`, ...")),
                statuses=(400, 503),
            ),
        )

    async def of_collector(self, request: Request) -> Response:
        """One page."""
        return await self._page(request, "collector")

    async def everything(self, request: Request) -> Response:
        """One page."""
        return await self._page(request, request.query_params.get("place", ""))

    async def _page(self, request: Request, place: str) -> Response:
        limit = requests.limit(request)
        found = await rejections.page(
            self._reader,
            place=place,
            code=request.query_params.get("code", ""),
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        return answers.page(
            paging.page(found, limit=limit, key=lambda item: (item.at_ms, item.id), shape=shape)
        )


def shape(item: Rejection) -> dict[str, object]:
    """One refusal with the payload as it came: as text, and as bytes in base64."""
    return {
        "id": item.id,
        "at": answers.time(item.at_ms),
        "place": item.place,
        "code": item.code,
        "message": item.message,
        "path": item.path,
        "payload": item.payload,
        "payload_base64": item.payload_base64,
        "source": item.source,
    }
