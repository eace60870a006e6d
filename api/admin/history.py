"""What happened to one customer: `/activity` and `/messages`."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, feed, occasions, paging, reasons, requests
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.rows import Rows
from clickhouse.client import Reader
from clickhouse.queries import activity, identities, messages
from clickhouse.queries.activity import CATEGORIES
from clickhouse.queries.identities import Person
from clickhouse.queries.messages import StoredMessage, StoredResponse
from engine.definitions.folded import Definitions


class History:
    """Read from ClickHouse, a second or two behind; a customer nobody knows has an empty one."""

    def __init__(
        self, *, rows: Rows, reader: Reader, definitions: Callable[[], Definitions]
    ) -> None:
        """`definitions` gives those that go now."""
        self._rows = rows
        self._reader = reader
        self._definitions = definitions

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        one = "/api/customers/{id}"
        several = f"Of {', '.join(CATEGORIES)}; several with commas."
        return (
            Endpoint(
                method="GET",
                path=f"{one}/activity",
                handler=self.activity,
                summary="What the customer did and what was done to them, newest first.",
                queries=(*PAGING, Query(name="category", meaning=several)),
                statuses=(400, 404, 410, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{one}/messages",
                handler=self.messages,
                summary="The messages decided for the customer, newest first, with responses.",
                queries=PAGING,
                statuses=(400, 410, 503),
            ),
        )

    async def activity(self, request: Request) -> Response:
        """One page of the feed."""
        limit, known = requests.limit(request), self._definitions()
        categories = feed.categories(request, known.settings)
        person = await self._person(request)
        fired = await activity.fired(self._reader, of=person) if "website" in categories else []
        found = await activity.page(
            self._reader,
            of=person,
            categories=categories,
            carts=occasions.carts(fired, known),
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        return answers.page(
            paging.page(
                found,
                limit=limit,
                key=lambda item: (item.at_ms, item.id),
                shape=lambda item: feed.entry(
                    item, campaign_kind=occasions.kind_of_entry(item, known)
                ),
            )
        )

    async def messages(self, request: Request) -> Response:
        """One page of messages."""
        limit = requests.limit(request)
        found = await messages.page(
            self._reader,
            of=await self._person(request),
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        responses: dict[str, list[StoredResponse]] = defaultdict(list)
        for response in await messages.responses(self._reader, [item.id for item in found]):
            responses[response.message_id].append(response)
        return answers.page(
            paging.page(
                found,
                limit=limit,
                key=lambda item: (item.at_ms, item.id),
                shape=lambda item: message_shape(item, responses[item.id]),
            )
        )

    async def _person(self, request: Request) -> Person:
        customer_id = requests.path_id(request)
        await self._rows.refuse_erased(customer_id)
        return await identities.person(self._reader, customer_id)


def message_shape(item: StoredMessage, responses: Sequence[StoredResponse]) -> dict[str, object]:
    """A message, where it stands, and what became of it."""
    return {
        "id": item.id,
        "at": answers.time(item.at_ms),
        "campaign": item.campaign,
        "version": item.version,
        "trigger": item.trigger,
        "step": item.step,
        "template": item.template,
        "template_version": item.template_version,
        "class": item.message_class,
        "category": item.category or None,
        "channel": item.channel,
        "to": item.to,
        "state": item.state,
        "words": reasons.STATES.get(item.state, item.state),
        "code": item.code or None,
        "reason": item.reason or None,
        "sent_at": answers.time_or_none(item.sent_ms),
        "responses": [
            {
                "response": response.response,
                "at": answers.time(response.at_ms),
                "code": response.code or None,
                "reason": response.reason or None,
                "url": response.url or None,
                "is_machine": response.is_machine,
            }
            for response in responses
        ],
    }
