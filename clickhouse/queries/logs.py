"""The whole log of a partition, as it was decided by: for back-tests."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

import msgspec

from clickhouse.client import Reader

PAGE_ROWS: Final = 20_000
"""Of all partitions together, in memory; each page reads the table's order once."""


EVER: Final = 10_413_791_999_000
"""Epoch ms: the last second that a time in ClickHouse can be, in the year 2299."""

OFFSET_MAX: Final = 2**63 - 1


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A record of `events`."""

    key: str
    log_offset: int
    logged_ms: int
    cause: str
    payload: str
    """JSON, as in the log."""


class Switched(msgspec.Struct, frozen=True, kw_only=True):
    """From this offset on the partition decides under these."""

    log_partition: int
    log_offset: int
    definitions: int
    catalogue: int


async def partitions(reader: Reader) -> list[int]:
    """The partitions that hold anything; errors as the reader's."""
    found = await reader.rows("SELECT DISTINCT log_partition AS number FROM oncue.events_log")
    return sorted(int(row["number"]) for row in found)


async def count(reader: Reader, *, until: int) -> int:
    """How many records stand before an instant, epoch ms; errors as the reader's."""
    return int(
        await reader.value(
            """
            SELECT count() FROM oncue.events_log FINAL
            WHERE kind != 'switch' AND logged_at <= fromUnixTimestamp64Milli({until:Int64})
            """,
            {"until": until},
        )
    )


async def count_before(reader: Reader, ends: Mapping[int, int]) -> int:
    """How many records stand before an offset of each partition; errors as the reader's."""
    found = 0
    for partition, offset in ends.items():
        found += int(
            await reader.value(
                """
                SELECT count() FROM oncue.events_log FINAL
                WHERE kind != 'switch' AND log_partition = {partition:UInt16}
                  AND toInt64(log_offset) < {before:Int64}
                """,
                {"partition": partition, "before": offset},
            )
        )
    return found


async def records(
    reader: Reader,
    *,
    partition: int,
    page_rows: int,
    until: int = EVER,
    before: int = OFFSET_MAX,
) -> AsyncIterator[Stored]:
    """Yield a partition's records in its order; errors as the reader's.

    Args:
        until: Epoch ms of the log, inclusive.
        before: Offset, exclusive.
    """
    after = -1
    while True:
        found = await reader.records(
            Stored,
            """
            SELECT key, log_offset, toUnixTimestamp64Milli(logged_at) AS logged_ms,
                toString(cause) AS cause, payload
            FROM oncue.events_log FINAL
            WHERE log_partition = {partition:UInt16} AND toInt64(log_offset) > {after:Int64}
              AND toInt64(log_offset) < {before:Int64}
              AND kind != 'switch' AND logged_at <= fromUnixTimestamp64Milli({until:Int64})
            ORDER BY log_offset LIMIT {limit:UInt32}
            """,
            {
                "partition": partition,
                "after": after,
                "before": before,
                "until": until,
                "limit": page_rows,
            },
        )
        for one in found:
            yield one
        if len(found) < page_rows:
            return
        after = found[-1].log_offset


async def switches(reader: Reader) -> list[Switched]:
    """Where each partition began to decide under others; errors as the reader's."""
    return await reader.records(
        Switched,
        """
        SELECT log_partition, toInt64(min(log_offset)) AS log_offset, definitions, catalogue
        FROM (SELECT log_partition, log_offset,
                JSONExtractInt(payload, 'definitions_offset') AS definitions,
                if(JSONHas(payload, 'catalogue_offset'),
                   JSONExtractInt(payload, 'catalogue_offset'), -1) AS catalogue
              FROM oncue.events_log FINAL WHERE kind = 'switch')
        GROUP BY log_partition, definitions, catalogue
        ORDER BY log_partition, log_offset
        """,
    )


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was decided."""

    kind: str
    reason: str
    count: int


async def recorded(reader: Reader, *, campaign: str, since: int, until: int) -> list[Recorded]:
    """What a campaign decided in some time, by kind and reason; errors as the reader's.

    Args:
        since: Epoch ms of the log, inclusive; `until` too.
    """
    return await reader.records(
        Recorded,
        """
        SELECT toString(kind) AS kind, toString(reason) AS reason, count() AS count
        FROM oncue.facts_log FINAL
        WHERE campaign = {campaign:String}
          AND logged_at BETWEEN fromUnixTimestamp64Milli({since:Int64})
            AND fromUnixTimestamp64Milli({until:Int64})
        GROUP BY kind, reason
        """,
        {"campaign": campaign, "since": since, "until": until},
    )
