"""`/api/customers/{id}/campaigns`: every campaign the customer took part in."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, occasions, paging, requests, tabs
from api.admin.endpoints import PAGING, Endpoint
from api.admin.rows import Rows
from clickhouse.client import Reader
from clickhouse.queries import identities, participation
from clickhouse.queries.participation import Participation
from engine.definitions.folded import Definitions


class Participations:
    """From what was decided, so a campaign deleted since is listed too."""

    def __init__(
        self, *, rows: Rows, reader: Reader, definitions: Callable[[], Definitions]
    ) -> None:
        """`definitions` gives those that go now: they have the names."""
        self._rows = rows
        self._reader = reader
        self._definitions = definitions

    def endpoints(self) -> Sequence[Endpoint]:
        """The route."""
        return (
            Endpoint(
                method="GET",
                path="/api/customers/{id}/campaigns",
                handler=self.list,
                summary="The campaigns the customer took part in, the one of the last decision "
                "first.",
                queries=PAGING,
                statuses=(400, 410, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page."""
        limit, customer_id = requests.limit(request), requests.path_id(request)
        await self._rows.refuse_erased(customer_id)
        found = await participation.page(
            self._reader,
            of=await identities.person(self._reader, customer_id),
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        return answers.page(
            paging.page(
                found,
                limit=limit,
                key=lambda item: (item.last_ms, item.campaign),
                shape=self._shape,
            )
        )

    def _shape(self, item: Participation) -> dict[str, object]:
        """M187 to M189; null in `control_group`: the customer never was in one."""
        definitions = self._definitions()
        known = definitions.campaigns.get(item.campaign)
        return {
            **tabs.campaign(item.campaign),
            "name": None if known is None else known.draft.name or None,
            "status": None if known is None or known.deleted else known.status,
            "version": item.version,
            "entered_count": item.entered_count,
            "messages_sent": item.sent_count,
            "messages_not_sent": item.not_sent_count,
            "first_at": answers.time(item.first_ms),
            "last_at": answers.time(item.last_ms),
            "kind": occasions.kind_of(item.campaign, item.version, definitions),
            "control_group": _control_group(item),
        }


def _control_group(item: Participation) -> dict[str, object] | None:
    if not item.held_out_as:
        return None
    return {"names": item.held_out_as, "last_at": answers.time(item.held_out_ms)}
