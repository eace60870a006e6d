"""`/api/customers/{id}/contacts`: how a customer can be reached."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, reach, requests
from api.admin.endpoints import Endpoint
from api.admin.rows import Rows


class Contacts:
    """From the row; the history of them is among the changes (`api.admin.changes`)."""

    def __init__(self, *, rows: Rows) -> None:
        self._rows = rows

    def endpoints(self) -> Sequence[Endpoint]:
        """The route."""
        return (
            Endpoint(
                method="GET",
                path="/api/customers/{id}/contacts",
                handler=self.get,
                summary="Email, phone and push tokens, with the date and cause of each state.",
                statuses=(404, 410, 503),
            ),
        )

    async def get(self, request: Request) -> Response:
        """Each of them, missing ones too."""
        row = await self._rows.get(requests.path_id(request))
        return answers.json(reach.details(row.customer))
