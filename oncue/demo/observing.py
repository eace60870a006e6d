"""What ClickHouse shows of a run of the demo, through the public views only."""

from typing import Final

import msgspec

from clickhouse.client import Reader


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one run, at one moment."""

    events: int = 0
    receipts: int = 0
    fired: int = 0
    sent: int = 0
    """Decisions to send."""
    messages: int = 0
    messages_distinct: int = 0
    unsettled: int = 0
    """Messages whose fate is not known yet."""
    accepted: int = 0
    """By the provider, counted in the ledger."""
    accepted_distinct: int = 0
    opened: int = 0
    clicked: int = 0
    """Messages, not clicks."""
    responses: int = 0


class DecisionCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was decided, for one reason."""

    campaign: str
    kind: str
    reason: str
    decisions: int
    customers: int


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """From the moment a message was due to its place in the log."""

    p50_ms: float | None
    p99_ms: float | None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Which run is looked at: its events by their ids, the rest by time."""

    name: str
    since_at: int

    def parameters(self) -> dict[str, object]:
        """As the queries name them."""
        return {"events": f"{self.name}:", "receipts": f"{self.name}-", "since": self.since_at}


_SIGHT: Final = """
WITH fromUnixTimestamp64Milli({since:Int64}) AS since
SELECT
    (SELECT count() FROM oncue.tracker WHERE startsWith(id, {events:String})) AS events,
    (SELECT count() FROM oncue.transactions
        WHERE startsWith(receipt_id, {receipts:String})) AS receipts,
    (SELECT countIf(kind = 'fired') FROM oncue.facts WHERE logged_at >= since) AS fired,
    (SELECT countIf(kind = 'sent') FROM oncue.facts WHERE logged_at >= since) AS sent,
    (SELECT (count(), uniqExact(id), countIf(state IN ('decided', 'reserved')))
        FROM oncue.messages WHERE logged_at >= since) AS decided,
    (SELECT (count(), uniqExact(id)) FROM oncue.sends
        WHERE state = 'accepted' AND logged_at >= since) AS accepted_sends,
    (SELECT (count(), uniqExactIf(message_id, response = 'opened'),
            uniqExactIf(message_id, response = 'clicked'))
        FROM oncue.responses WHERE logged_at >= since) AS answers,
    decided.1 AS messages, decided.2 AS messages_distinct, decided.3 AS unsettled,
    accepted_sends.1 AS accepted, accepted_sends.2 AS accepted_distinct,
    answers.1 AS responses, answers.2 AS opened, answers.3 AS clicked
"""


async def look(reader: Reader, run: Run) -> Sight:
    """Count everything once.

    Raises:
        ClickHouseError: as the reader says.
    """
    (row,) = await reader.rows(_SIGHT, run.parameters())
    return msgspec.convert(row, Sight)


async def customers_missing(reader: Reader, run: Run) -> int:
    """Count customers with events of the run, but without a row; errors as `look`."""
    found = await reader.value(
        """
        SELECT uniqExact(customer) FROM oncue.tracker
        WHERE startsWith(id, {events:String})
          AND customer NOT IN (SELECT id FROM oncue.customers)
        """,
        run.parameters(),
    )
    return int(found)


async def decisions(reader: Reader, run: Run) -> list[DecisionCount]:
    """Count decisions by campaign, kind and reason; errors as `look`."""
    return await reader.records(
        DecisionCount,
        """
        SELECT campaign, kind, reason, count() AS decisions, uniqExact(customer) AS customers
        FROM oncue.facts
        WHERE logged_at >= fromUnixTimestamp64Milli({since:Int64}) AND campaign != ''
        GROUP BY campaign, kind, reason ORDER BY campaign, kind, reason
        """,
        run.parameters(),
    )


async def latency(reader: Reader, run: Run) -> Latency:
    """Measure how soon messages were decided; errors as `look`."""
    (found,) = await reader.records(
        Latency,
        """
        WITH toUnixTimestamp64Milli(logged_at) - toUnixTimestamp64Milli(caused_at) AS waited_ms
        SELECT quantileExactOrNull(0.5)(waited_ms) AS p50_ms,
            quantileExactOrNull(0.99)(waited_ms) AS p99_ms
        FROM oncue.messages WHERE logged_at >= fromUnixTimestamp64Milli({since:Int64})
        """,
        run.parameters(),
    )
    return found


async def rows_by_view(reader: Reader) -> dict[str, int]:
    """Count the rows of every public view, of this and earlier runs; errors as `look`."""
    (row,) = await reader.rows("""
        SELECT
            (SELECT count() FROM oncue.tracker) AS tracker,
            (SELECT count() FROM oncue.transactions) AS transactions,
            (SELECT count() FROM oncue.responses) AS responses,
            (SELECT count() FROM oncue.messages) AS messages,
            (SELECT count() FROM oncue.facts) AS facts,
            (SELECT count() FROM oncue.customers) AS customers,
            (SELECT count() FROM oncue.products) AS products
    """)
    return {view: int(count) for view, count in row.items()}
