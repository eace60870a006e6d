"""`/api/outbox`: what the sandbox took."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests
from api.admin.endpoints import PAGING, Endpoint, Query
from clickhouse.client import Reader
from clickhouse.queries import identities, outbox
from clickhouse.queries.outbox import Mail


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the customer would have got it."""

    id: str
    customer: str
    channel: str
    to: str
    campaign: str
    version: int
    step: str
    template: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    at: datetime


class Mailbox:
    """Shows each message id once, whatever was killed on the way."""

    def __init__(self, *, reader: Reader) -> None:
        self._reader = reader

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/outbox",
                handler=self.list,
                summary="The messages the sandbox took, newest first.",
                queries=(
                    *PAGING,
                    Query(name="customer", meaning="Only of this customer."),
                    Query(name="since", meaning="Taken at this time or later, RFC 3339."),
                ),
                answer=Item,
                statuses=(400, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page."""
        limit = requests.limit(request)
        customer_id = request.query_params.get("customer", "")
        if customer_id:
            customer_id = (await identities.person(self._reader, customer_id)).customer
        found = await outbox.page(
            self._reader,
            customer_id=customer_id,
            since_ms=requests.instant(request, "since", otherwise=0),
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        return answers.page(
            paging.page(found, limit=limit, key=lambda item: (item.at_ms, item.id), shape=shape)
        )


def shape(mail: Mail) -> dict[str, object]:
    """As clients rely on it."""
    return {
        "id": mail.id,
        "customer": mail.customer,
        "channel": mail.channel,
        "to": mail.to,
        "campaign": mail.campaign,
        "version": mail.version,
        "step": mail.step,
        "template": mail.template,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": mail.headers,
        "at": answers.time(mail.at_ms),
    }
