"""Live segments as rows have them, and what the customers of a segment come to."""

from decimal import Decimal
from typing import Final

import msgspec

from clickhouse.client import Reader
from clickhouse.rules import selecting
from clickhouse.rules.selecting import Context
from engine.rules.nodes import Rule

_SUMS: Final = """
    c.currency AS currency, toInt64(count()) AS customers,
    toInt64(sum(c.receipts_count)) AS receipts, toDecimal128(sum(c.receipts_total), 4) AS revenue,
    toDecimal128(sum(ifNull(c.ltv, 0)), 4) AS ltv
"""


class Sums(msgspec.Struct, frozen=True, kw_only=True):
    """What the customers of one currency come to; empty: who bought nothing."""

    currency: str
    customers: int
    receipts: int
    """Net of returns."""
    revenue: Decimal
    ltv: Decimal


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment came to in one currency at an instant."""

    version: int
    at_ms: int
    currency: str
    profiles: int
    customers: int
    receipts: int
    revenue: Decimal
    ltv: Decimal


async def behind(reader: Reader, *, offset: int, after: str, limit: int) -> list[str]:
    """Customers by id whose rows were judged by definitions before an offset.

    Raises:
        ClickHouseError: as the reader says.
    """
    found = await reader.rows(
        """
        SELECT id FROM oncue.customers_log FINAL
        WHERE id > {after:String} AND NOT is_erased AND forward = ''
            AND segments_at < {offset:Int64}
        ORDER BY id LIMIT {limit:UInt32}
        """,
        {"after": after, "offset": offset, "limit": limit},
    )
    return [row["id"] for row in found]


async def of_members(reader: Reader, segment: str) -> list[Sums]:
    """Of a live segment: of those whose rows say that they are in; errors as `behind`."""
    return await reader.records(
        Sums,
        f"SELECT {_SUMS} FROM oncue.customers AS c"  # noqa: S608 constants of this module
        " WHERE has(c.segments, {segment:String}) GROUP BY currency ORDER BY currency",
        {"segment": segment},
    )


async def of_rule(reader: Reader, rule: Rule, context: Context) -> list[Sums]:
    """Of a computed segment: of those whom its rule holds of; errors as `behind`."""
    selected = selecting.selected(rule, context)
    sql = selected.sql(_SUMS, rest="GROUP BY currency ORDER BY currency")
    return await reader.records(Sums, sql, selected.parameters, is_eager=True)


async def computed(reader: Reader) -> dict[str, tuple[int, int]]:
    """When each segment was computed last, epoch ms, and which version; errors as `behind`."""
    found = await reader.rows(
        """
        SELECT segment, toUnixTimestamp64Milli(max(at)) AS last_at, argMax(version, at) AS known
        FROM oncue.segment_metrics_log GROUP BY segment
        """
    )
    return {row["segment"]: (row["last_at"], row["known"]) for row in found}


async def history(reader: Reader, segment: str, *, before: int, limit: int) -> list[Kept]:
    """What a segment came to, newest first; of so many instants before one, epoch ms.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        Kept,
        """
        SELECT version, toUnixTimestamp64Milli(at) AS at_ms, currency, profiles, customers,
            receipts, revenue, ltv
        FROM oncue.segment_metrics_log FINAL
        WHERE segment = {segment:String} AND at IN
        (
            SELECT DISTINCT at FROM oncue.segment_metrics_log
            WHERE segment = {segment:String} AND at < fromUnixTimestamp64Milli({before:Int64})
            ORDER BY at DESC LIMIT {limit:UInt32}
        )
        ORDER BY at DESC, currency
        """,
        {"segment": segment, "before": before, "limit": limit},
    )
