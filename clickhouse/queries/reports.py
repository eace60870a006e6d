"""Sums over everybody: events by name, messages by campaign and reason."""

from decimal import Decimal

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS


class EventCount(msgspec.Struct, frozen=True, kw_only=True):
    """Events of one name and type."""

    name: str
    type: str
    count: int
    customers: int
    first_ms: int
    last_ms: int


class DecisionCount(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions of one kind and reason in one campaign."""

    campaign: str
    kind: str
    reason: str
    count: int
    customers: int


class ResponseCount(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one campaign with one response; a message counts once for each."""

    campaign: str
    response: str
    count: int


class GoalCount(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that reached one goal of one campaign, of those treated or of the control group."""

    campaign: str
    goal: str
    group: str
    reached: int
    customers: int
    value: Decimal


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """From one instant to another, the end excluded; epoch ms UTC."""

    since_ms: int = 0
    until_ms: int = LATEST_MS

    def parameters(self) -> dict[str, object]:
        """As the queries below name them."""
        return {"since": self.since_ms, "until": self.until_ms}


async def events(reader: Reader, span: Span) -> list[EventCount]:
    """Count tracker events by name and type, the most frequent first.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        EventCount,
        """
        SELECT name, type, count() AS count, uniqExact(customer) AS customers,
            toUnixTimestamp64Milli(min(at)) AS first_ms, toUnixTimestamp64Milli(max(at)) AS last_ms
        FROM oncue.tracker
        WHERE at >= fromUnixTimestamp64Milli({since:Int64})
          AND at < fromUnixTimestamp64Milli({until:Int64})
        GROUP BY name, type
        ORDER BY count DESC, name, type
        LIMIT 10000
        """,
        span.parameters(),
    )


async def decisions(reader: Reader, span: Span) -> list[DecisionCount]:
    """Count what was decided by campaign, kind and reason; errors as `events`."""
    return await reader.records(
        DecisionCount,
        """
        SELECT campaign, kind, reason, count() AS count, uniqExact(customer) AS customers
        FROM oncue.facts
        WHERE at >= fromUnixTimestamp64Milli({since:Int64})
          AND at < fromUnixTimestamp64Milli({until:Int64})
          AND campaign != ''
        GROUP BY campaign, kind, reason
        ORDER BY campaign, kind, reason
        LIMIT 10000
        """,
        span.parameters(),
    )


async def responses(reader: Reader, span: Span) -> list[ResponseCount]:
    """Count what became of messages by campaign; scanners do not count. Errors as `events`."""
    return await reader.records(
        ResponseCount,
        """
        SELECT campaign, response, uniqExact(message_id) AS count
        FROM oncue.responses
        WHERE at >= fromUnixTimestamp64Milli({since:Int64})
          AND at < fromUnixTimestamp64Milli({until:Int64})
          AND NOT ifNull(is_machine, false)
        GROUP BY campaign, response
        ORDER BY campaign, response
        LIMIT 10000
        """,
        span.parameters(),
    )


async def goals(reader: Reader, span: Span) -> list[GoalCount]:
    """Count the goals that were reached, each once for a run; errors as `events`."""
    return await reader.records(
        GoalCount,
        """
        SELECT campaign, name AS goal, origin AS group, uniqExact(instance) AS reached,
            uniqExact(customer) AS customers,
            sum(toDecimal64OrZero(ifNull(after, '0'), 4)) AS value
        FROM oncue.facts
        WHERE at >= fromUnixTimestamp64Milli({since:Int64})
          AND at < fromUnixTimestamp64Milli({until:Int64})
          AND kind = 'goal_reached'
        GROUP BY campaign, goal, group
        ORDER BY campaign, goal, group
        LIMIT 10000
        """,
        span.parameters(),
    )


async def events_since(reader: Reader, since_ms: int) -> int:
    """Count the tracker events received since then; errors as `events`."""
    found = await reader.value(
        "SELECT count() FROM oncue.tracker WHERE logged_at >= fromUnixTimestamp64Milli({at:Int64})",
        {"at": since_ms},
    )
    return int(found)
