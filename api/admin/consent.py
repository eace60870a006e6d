"""`/api/customers/{id}/subscriptions`: what a customer agreed to, and changing it for them."""

import uuid
from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from api.admin import agreements, answers, requests
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError
from api.admin.rows import Rows
from engine import keys
from engine.declarations import SubscriptionsChanged
from engine.errors import Flaw, RejectedError
from engine.events import KINDS
from engine.intake import subscriptions as intake
from engine.intake.subscriptions import Agreed
from streams import topics
from streams.definitions import DefinitionsLog
from streams.producer import Producer
from streams.records import KIND_HEADER, Record

log = structlog.get_logger(__name__)

CHANNELS: Final = ("email", "sms", "push", "call", "bot")
CATEGORIES_MAX: Final = 100

_encode: Final = msgspec.json.Encoder().encode


Said: TypeAlias = dict[str, bool | dict[str, bool | str | None]]
"""Yes or no by channel and category; under `preferred` the channel preferred by category."""


class Consent:
    """The word of an operator goes through the customer's log like everything else."""

    def __init__(
        self, *, rows: Rows, producer: Producer, log: DefinitionsLog, clock: Clock
    ) -> None:
        self._rows = rows
        self._log = log
        self._producer = producer
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        path = "/api/customers/{id}/subscriptions"
        return (
            Endpoint(
                method="GET",
                path=path,
                handler=self.get,
                summary="What the customer agreed to, by channel and category; absent is unknown.",
                answer=Said,
                statuses=(404, 410, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{path}/categories",
                handler=self.categories,
                summary="Consent and preferred channel of each category that is in use.",
                statuses=(404, 410, 503),
            ),
            Endpoint(
                method="PUT",
                path=path,
                handler=self.put,
                summary="Say yes or no for the customer; what is not named stays as it is.",
                body=Said,
                answer=Said,
                statuses=(400, 410, 413, 415, 503),
            ),
        )

    async def categories(self, request: Request) -> Response:
        """Each active category with the state of every channel; what was said, and when."""
        row = await self._rows.get(requests.path_id(request))
        active = agreements.active(self._log.current)
        return answers.json(agreements.shape(row.customer, active, CHANNELS))

    async def get(self, request: Request) -> Response:
        """From the row, or from ClickHouse."""
        row = await self._rows.get(requests.path_id(request))
        return answers.json(agreements.told(row.customer))

    async def put(self, request: Request) -> Response:
        """Append the change; answered once Kafka has it, so before it can be read back."""
        customer_id = requests.path_id(request)
        said = requests.decoded(await requests.json_body(request), Said)
        agreed = read(said)
        await self._rows.refuse_erased(customer_id)
        event = SubscriptionsChanged(
            id=uuid.uuid4().hex,
            occurred_at=self._clock(),
            source="admin",
            subscriptions=agreed.subscriptions,
            preferred=agreed.preferred,
            origin="operator",
        )
        await self._producer.deliver([record_of(event, customer_id)])
        log.info("consent_changed_by_operator", event_id=event.id)
        return answers.json(said)


def read(said: Said) -> Agreed:
    """See that channels are ones there are and the categories a sensible number.

    Raises:
        BadRequestError: with every place.
    """
    try:
        agreed = intake.read(said, path="")
    except RejectedError as error:
        flaw = Flaw(path=error.path.lstrip("."), message=str(error))
        raise BadRequestError("invalid_body", str(error), flaws=[flaw]) from error
    wanted = [name for name in agreed.preferred.values() if name is not None]
    flaws = [
        Flaw(path=channel, message=f"no channel: one of {', '.join(CHANNELS)}")
        for channel in (*agreed.subscriptions, *wanted)
        if channel not in CHANNELS
    ]
    flaws += [
        Flaw(path=channel, message=f"more than {CATEGORIES_MAX} categories")
        for channel, answer in agreed.subscriptions.items()
        if isinstance(answer, dict) and len(answer) > CATEGORIES_MAX
    ]
    if not (agreed.subscriptions or agreed.preferred):
        flaws.append(Flaw(path="", message="name a channel"))
    if flaws:
        raise BadRequestError("invalid_body", flaws[0].message, flaws=flaws)
    return agreed


def record_of(event: SubscriptionsChanged, customer_id: str) -> Record:
    """As it goes to the customer's log."""
    kind = KINDS[SubscriptionsChanged]
    return Record(
        topic=topics.EVENTS.name,
        key=keys.from_public_id(customer_id).encode(),
        value=_encode(event),
        headers=((KIND_HEADER, kind.encode()),),
    )
