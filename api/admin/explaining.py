"""`GET /api/customers/{id}/explain`: why each message was sent or not, and who did not enter."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, decided, paging, reasons, requests
from api.admin.decided import Grounds
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.errors import BadRequestError
from api.admin.paging import LATEST_MS
from api.admin.rows import Rows
from clickhouse.client import Reader
from clickhouse.queries import facts, identities, messages
from clickhouse.queries.facts import NOT_ENTERED, StoredCause, StoredFact, Wanted
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.errors import Flaw
from engine.reasons import SENTENCES, Reason
from engine.why import Why

OUTCOMES: Final = (*reasons.KINDS, NOT_ENTERED)

_why: Final = msgspec.json.Decoder(Why)


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message that was handed to delivery."""

    state: str
    words: str


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """The event that led to it, and its place in the log; the place is null until it is stored."""

    id: str
    kind: str | None
    partition: int | None
    offset: int | None


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One decision."""

    id: str
    at: str
    kind: str
    outcome: str
    """The kind; `not_entered` where the trigger met the customer and nobody came in."""
    campaign: str
    version: int
    trigger: str
    instance: str | None
    step: str | None
    message_id: str | None
    reason: Reason | None
    words: str
    """The decision in a sentence."""
    why: Grounds | None
    """Null: it rests on nothing but its reason, or was made before such was kept."""
    cause: Cause | None
    delivery: Delivery | None


class Explanations:
    """Read from ClickHouse, a second or two behind; a customer nobody knows has none."""

    def __init__(
        self, *, rows: Rows, reader: Reader, definitions: Callable[[], Definitions]
    ) -> None:
        self._rows = rows
        self._reader = reader
        self._definitions = definitions

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/customers/{id}/explain",
                handler=self.explain,
                summary="Why each message was sent or not, newest first.",
                queries=(
                    *PAGING,
                    Query(name="campaign", meaning="Only this campaign."),
                    Query(name="outcome", meaning=f"Only one of {', '.join(OUTCOMES)}."),
                    Query(name="reason", meaning="Only for this reason, as in the answers."),
                    Query(name="since", meaning="Decided at this time or later, RFC 3339."),
                    Query(name="until", meaning="Decided at this time or before, RFC 3339."),
                ),
                answer=Explained,
                statuses=(400, 410, 503),
            ),
        )

    async def explain(self, request: Request) -> Response:
        """One page of decisions; what was sent says what delivery made of it."""
        limit, wanted = requests.limit(request), _wanted(request)
        customer_id = requests.path_id(request)
        await self._rows.refuse_erased(customer_id)
        person = await identities.person(self._reader, customer_id)
        found = await facts.page(
            self._reader,
            of=person,
            wanted=wanted,
            after=paging.after(request, paging.BY_DECISION),
            limit=limit + 1,
        )
        sent = [item.message_id for item in found if item.message_id]
        states = await messages.states(self._reader, sent)
        named = [item.cause for item in found if item.cause]
        causes = await facts.causes(self._reader, named, of=person)
        definitions = self._definitions()
        return answers.page(
            paging.page(
                found,
                limit=limit,
                key=lambda item: item.place,
                shape=lambda item: shape(item, definitions, states=states, causes=causes),
            )
        )


def shape(
    item: StoredFact,
    definitions: Definitions,
    *,
    states: Mapping[str, str],
    causes: Mapping[str, StoredCause],
) -> Explained:
    """A decision in words, with its grounds."""
    why = None if not item.why else _why.decode(item.why)
    campaign = _campaign(item, definitions)
    found = None if why is None else decided.grounds(why, campaign, definitions)
    said = reasons.words(item.kind, item.reason)
    state = states.get(item.message_id)
    return Explained(
        id=item.id,
        at=answers.time(item.at_ms),
        kind=item.kind,
        outcome=NOT_ENTERED if item.kind == "not_sent" and not item.step else item.kind,
        campaign=item.campaign,
        version=item.version,
        trigger=item.trigger,
        instance=item.instance or None,
        step=item.step or None,
        message_id=item.message_id or None,
        reason=_reason(item.reason),
        words=said if found is None else said + decided.details(found),
        why=found,
        cause=_cause(item.cause, causes),
        delivery=None
        if state is None
        else Delivery(state=state, words=reasons.STATES.get(state, state)),
    )


def _campaign(item: StoredFact, definitions: Definitions) -> Campaign | None:
    entry = definitions.campaigns.get(item.campaign)
    return None if entry is None else entry.versions.get(item.version)


def _reason(said: str) -> Reason | None:
    """One that this version does not know, of a newer Oncue, goes out as it is."""
    return said or None  # type: ignore[return-value]  # stored by whoever decided


def _cause(event_id: str, causes: Mapping[str, StoredCause]) -> Cause | None:
    if not event_id:
        return None
    known = causes.get(event_id)
    if known is None:
        return Cause(id=event_id, kind=None, partition=None, offset=None)
    return Cause(
        id=event_id, kind=known.kind, partition=known.log_partition, offset=known.log_offset
    )


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    return Wanted(
        campaign=asked.get("campaign", ""),
        outcome=_one_of(request, "outcome", OUTCOMES),
        reason=_one_of(request, "reason", tuple(SENTENCES)),
        since_ms=requests.instant(request, "since", otherwise=0),
        until_ms=requests.instant(request, "until", otherwise=LATEST_MS),
    )


def _one_of(request: Request, name: str, known: Sequence[str]) -> str:
    said = request.query_params.get(name, "")
    if said and said not in known:
        flaw = Flaw(path=name, message=f"one of {', '.join(known)}")
        raise BadRequestError("invalid_query", f"{name}: {flaw.message}", flaws=[flaw])
    return said
