"""`/api/reports`: sums over everybody, in a span of time."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, requests, tables
from api.admin.endpoints import Endpoint, Query
from api.admin.errors import BadRequestError
from api.admin.paging import LATEST_MS
from clickhouse.client import Reader
from clickhouse.queries import reports
from clickhouse.queries.reports import DecisionCount, EventCount, ResponseCount, Span
from engine.errors import Flaw

SPAN = (
    Query(name="since", meaning="From this time on, RFC 3339; the beginning unless told."),
    Query(name="until", meaning="Before this time, RFC 3339; now unless told."),
    Query(name="format", meaning="`json` unless told, or `csv`."),
)
EVENT_COLUMNS: Final = ("name", "type", "count", "customers", "first_at", "last_at")
GOAL_COLUMNS: Final = ("campaign", "goal", "group", "reached", "customers", "value")
DECISION_COLUMNS: Final = ("campaign", "kind", "reason", "count", "customers")


class Reports:
    """Counted when asked, from the public views."""

    def __init__(self, *, reader: Reader) -> None:
        self._reader = reader

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/reports/events",
                handler=self.events,
                summary="Tracker events by name and type, the most frequent first.",
                queries=SPAN,
                statuses=(400, 503),
            ),
            Endpoint(
                method="GET",
                path="/api/reports/messages",
                handler=self.messages,
                summary="Messages sent and not sent, by campaign and reason.",
                queries=SPAN,
                statuses=(400, 503),
            ),
            Endpoint(
                method="GET",
                path="/api/reports/goals",
                handler=self.goals,
                summary="Goals reached, by campaign and goal: those treated and the control group.",
                queries=SPAN,
                statuses=(400, 503),
            ),
        )

    async def goals(self, request: Request) -> Response:
        """By campaign, goal and group."""
        is_table = wants_table(request)
        found = await reports.goals(self._reader, span(request))
        items = [
            {**msgspec.structs.asdict(one), "value": answers.money(one.value)} for one in found
        ]
        if is_table:
            return tables.response(items, columns=GOAL_COLUMNS)
        return answers.json({"items": items, "cursor": None})

    async def events(self, request: Request) -> Response:
        """Counts, customers, first and last."""
        is_table = wants_table(request)
        found = await reports.events(self._reader, span(request))
        items = [event_shape(item) for item in found]
        if is_table:
            return tables.response(items, columns=EVENT_COLUMNS)
        return answers.json({"items": items, "cursor": None})

    async def messages(self, request: Request) -> Response:
        """By campaign: decisions with their reasons, and what became of what was sent."""
        is_table, asked = wants_table(request), span(request)
        decided = await reports.decisions(self._reader, asked)
        if is_table:
            rows = [msgspec.structs.asdict(item) for item in decided]
            return tables.response(rows, columns=DECISION_COLUMNS)
        responded = await reports.responses(self._reader, asked)
        return answers.json({"items": by_campaign(decided, responded), "cursor": None})


def span(request: Request) -> Span:
    """The time that is asked about.

    Raises:
        BadRequestError: no time.
    """
    return Span(
        since_ms=requests.instant(request, "since", otherwise=0),
        until_ms=requests.instant(request, "until", otherwise=LATEST_MS),
    )


def wants_table(request: Request) -> bool:
    """Whether CSV is asked for.

    Raises:
        BadRequestError: something else than JSON or CSV is.
    """
    asked = request.query_params.get("format", "json")
    if asked not in {"json", "csv"}:
        flaw = Flaw(path="format", message=f"json or csv, not {asked!r}")
        raise BadRequestError("invalid_query", f"format: {flaw.message}", flaws=[flaw])
    return asked == "csv"


def event_shape(item: EventCount) -> dict[str, object]:
    """One line of the report."""
    return {
        "name": item.name,
        "type": item.type,
        "count": item.count,
        "customers": item.customers,
        "first_at": answers.time(item.first_ms),
        "last_at": answers.time(item.last_ms),
    }


def by_campaign(
    decided: Sequence[DecisionCount], responded: Sequence[ResponseCount]
) -> list[dict[str, object]]:
    """One line for each campaign, by id."""
    kinds: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    reasons: dict[str, dict[str, int]] = defaultdict(dict)
    responses: dict[str, dict[str, int]] = defaultdict(dict)
    for item in decided:
        kinds[item.campaign][item.kind] += item.count
        if item.kind == "not_sent":
            reasons[item.campaign][item.reason] = item.count
    for answer in responded:
        responses[answer.campaign][answer.response] = answer.count
    return [
        {
            "campaign": campaign,
            "fired": kinds[campaign]["fired"],
            "entered": kinds[campaign]["entered"],
            "sent": kinds[campaign]["sent"],
            "not_sent": kinds[campaign]["not_sent"],
            "not_sent_reasons": reasons[campaign],
            "responses": responses[campaign],
        }
        for campaign in sorted({*kinds, *responses})
    ]
