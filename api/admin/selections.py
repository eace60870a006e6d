"""Customers by a rule: `/api/segments/preview`, `/api/customers/search`."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, choosing, paging, requests, shapes
from api.admin.choosing import Choice, Chosen
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError, NotFoundError
from api.admin.paging import LATEST_MS
from api.admin.rows import decoded
from clickhouse.client import Reader
from clickhouse.errors import QueryLimitError
from clickhouse.queries import customers as queries
from clickhouse.queries import selections
from clickhouse.queries.selections import SAMPLE_MAX, Preview, Sort, SortBy, Sums
from clickhouse.rules.reaching import Channel, Held, Reach
from engine import links
from engine.definitions import policies
from engine.definitions.folded import Definitions
from engine.messages import MessageClass
from streams.definitions import DefinitionsLog

Cursor: TypeAlias = tuple[Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)], bool, str, str]
"""The instant that the first page was asked at, and the place of the last customer."""

_CURSOR: Final[msgspec.json.Decoder[Cursor]] = msgspec.json.Decoder(Cursor)

TOO_DEAR: Final = (
    "the rule takes longer than 5 s or more than 1 GiB over all customers: "
    "give its events a shorter window, or save a part of it as a segment"
)


class PreviewBody(Choice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom, and the message that is thought of."""

    channel: Channel = "email"
    message_class: MessageClass | None = msgspec.field(default=None, name="class")
    """None: the campaign's, else marketing."""
    category: str | None = None
    campaign: str | None = None
    """Whose class, category, policy and holdout go."""
    sample: Annotated[int, msgspec.Meta(ge=0, le=SAMPLE_MAX)] = 10


class SearchBody(Choice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom, in which order, and which page."""

    sort: SortBy = "id"
    order: Literal["asc", "desc"] = "asc"
    limit: Annotated[int, msgspec.Meta(ge=1, le=requests.LIMIT_MAX)] = requests.LIMIT_DEFAULT
    cursor: str | None = None
    metrics: bool = False
    """Also what all of them bring, beside the page."""


class SelectionMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """What the selected bring, in one currency; others stand apart."""

    profiles: int
    receipts: int
    revenue: Decimal
    average_receipt: Decimal | None
    orders: int
    orders_total: Decimal
    ltv: Decimal | None
    """Of a profile, on average."""
    currency: str | None
    other_currencies: list[dict[str, Any]]


class WaterfallStep(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the matched stop here; of `matched` and `reachable` how many there are."""

    step: str
    count: int


class Previewed(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a rule selects, what they bring, and who of them can be reached."""

    count: int
    sample: list[dict[str, Any]]
    metrics: SelectionMetrics
    waterfall: list[WaterfallStep]
    as_of: str


class Selections:
    """Asks ClickHouse, a second or two behind the customers' rows."""

    def __init__(self, *, reader: Reader, log: DefinitionsLog, clock: Clock) -> None:
        self._reader = reader
        self._log = log
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="POST",
                path="/api/segments/preview",
                handler=self.preview,
                summary="Count whom a rule selects, and who of them a message would reach.",
                body=PreviewBody,
                answer=Previewed,
                statuses=(400, 404, 503),
            ),
            Endpoint(
                method="POST",
                path="/api/customers/search",
                handler=self.search,
                summary="List whom a rule selects, in any order.",
                body=SearchBody,
                statuses=(400, 404, 503),
            ),
        )

    async def preview(self, request: Request) -> Response:
        """Everything in one question, bounded as every read is."""
        said = requests.decoded(await requests.json_body(request), PreviewBody)
        known, now = self._log.current, self._clock()
        chosen = choosing.chosen(said, known, now=now)
        reach = reach_of(said, known)
        try:
            found = await selections.preview(
                self._reader, chosen.rule, chosen.context, reach=reach, sample=said.sample
            )
        except QueryLimitError as error:
            raise BadRequestError(error.code, TOO_DEAR) from error
        stored = await queries.rows(self._reader, found.sample)
        sample = [self._shape(stored[name], now) for name in found.sample if name in stored]
        return answers.json(
            Previewed(
                count=found.total,
                sample=sample,
                metrics=metrics(found.sums, currency=known.settings.currency),
                waterfall=waterfall(found),
                as_of=answers.time(now),
            )
        )

    async def search(self, request: Request) -> Response:
        """One page; every page asks the rule at the instant of the first."""
        said = requests.decoded(await requests.json_body(request), SearchBody)
        known = self._log.current
        cursor = _cursor(said)
        now = self._clock() if cursor is None else cursor[0]
        chosen = choosing.chosen(said, known, now=now)
        try:
            answer = await self._page(said, chosen, cursor)
            if said.metrics:
                found = await selections.sums(self._reader, chosen.rule, chosen.context)
                answer["metrics"] = metrics(found, currency=known.settings.currency)
        except QueryLimitError as error:
            raise BadRequestError(error.code, TOO_DEAR) from error
        return answers.json(answer)

    async def _page(
        self, said: SearchBody, chosen: Chosen, cursor: Cursor | None
    ) -> dict[str, object]:
        now = chosen.context.now
        found = await selections.page(
            self._reader,
            chosen.rule,
            chosen.context,
            sort=_sort(said),
            after=None if cursor is None else cursor[1:],
            limit=said.limit + 1,
        )
        stored = await queries.rows(self._reader, [one.id for one in found])
        page = paging.page(
            found,
            limit=said.limit,
            key=lambda one: (now, *one.place),
            shape=lambda one: stored.get(one.id),
        )
        # Whoever was erased between the two questions is not there any more.
        items = [self._shape(row, now) for row in page.items if isinstance(row, bytes)]
        return {"items": items, "cursor": page.cursor}

    def _shape(self, value: bytes, now: int) -> dict[str, object]:
        row = decoded(value)
        return shapes.customer(
            row.customer,
            as_of=row.now_at,
            now=max(now, row.now_at),
            definitions=self._log.current,
            merged=links.merged(row.links),
        )


def reach_of(said: PreviewBody, known: Definitions) -> Reach:
    """The message that is thought of, under the policy that would go for it.

    Raises:
        NotFoundError: there is no such campaign.
    """
    holdouts: tuple[Held, ...] = ()
    if said.campaign is None:
        policy = policies.of(known.policies, policies.DEFAULT)
        message_class, category = "marketing", None
    else:
        entry = known.campaigns.get(said.campaign)
        if entry is None or entry.deleted:
            raise NotFoundError("campaign", said.campaign)
        campaign = entry.published or entry.draft
        policy = known.policy(campaign)
        message_class, category = campaign.message_class, campaign.category
        if campaign.holdout is not None:
            salt = campaign.holdout.salt or f"{campaign.id}/holdout"
            holdouts = (Held(salt, campaign.holdout.basis_points),)
    return Reach(
        channel=said.channel,
        category=said.category or category,
        is_marketing=(said.message_class or message_class) == "marketing",
        is_assumed=policy.unknown_consent == "allow",
        holdouts=holdouts,
    )


def waterfall(found: Preview) -> list[WaterfallStep]:
    """From the matched to the reachable."""
    lost = [WaterfallStep(step=reason, count=count) for reason, count in found.stopped]
    reachable = found.total - sum(step.count for step in lost)
    return [
        WaterfallStep(step="matched", count=found.total),
        *lost,
        WaterfallStep(step="reachable", count=reachable),
    ]


def metrics(found: Sequence[Sums], *, currency: str | None) -> SelectionMetrics:
    """What they bring together; averages are rounded to the hundredth."""
    whole, others = selections.joined(found, currency=currency)
    return SelectionMetrics(
        profiles=whole.customers,
        receipts=whole.receipts,
        revenue=answers.money(whole.revenue),
        average_receipt=_mean(whole.revenue, whole.receipts),
        orders=whole.orders,
        orders_total=answers.money(whole.orders_total),
        ltv=_mean(whole.ltv, whole.customers - sum(one.customers for one in others)),
        currency=whole.currency or None,
        other_currencies=[_other(one) for one in others],
    )


def _other(sums: Sums) -> dict[str, Any]:
    return {
        "currency": sums.currency,
        "profiles": sums.customers,
        "receipts": sums.receipts,
        "revenue": answers.money(sums.revenue),
        "orders": sums.orders,
        "orders_total": answers.money(sums.orders_total),
        "ltv": _mean(sums.ltv, sums.customers),
    }


def _mean(total: Decimal, count: int) -> Decimal | None:
    if count <= 0:
        return None
    return (total / count).quantize(answers.CENT, rounding=ROUND_HALF_UP)


def _sort(said: SearchBody) -> Sort:
    return Sort(said.sort, is_descending=said.order == "desc")


def _cursor(said: SearchBody) -> Cursor | None:
    cursor = paging.read(said.cursor, _CURSOR)
    if cursor is not None and not selections.is_place(_sort(said), cursor[1:]):
        raise paging.refused()
    return cursor
