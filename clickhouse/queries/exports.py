"""Everything that is stored of some identities, table by table, for a document of their own."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from clickhouse.client import DATABASE, Reader
from clickhouse.tables import TABLES

BATCH_ROWS: Final = 200
"""A page in memory: events have up to 32 KB."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    table: row._fields
    for row, table in TABLES.items()
    if {"customer", "log_offset"} <= set(row._fields)
}
"""By table of a log that names a customer; a table added later is exported without more ado. What
a job did to a customer stands in the events."""


async def rows(
    reader: Reader, table: str, identities: Sequence[str]
) -> AsyncIterator[dict[str, Any]]:
    """Yield the rows of one table in the order of its log, each once.

    Raises:
        ClickHouseError: as the reader says.
    """
    columns = ", ".join(COLUMNS[table])
    if "payload" in COLUMNS[table]:
        # Refused bytes may be no text.
        columns = columns.replace("payload", "toValidUTF8(t.payload) AS payload")
    place = (-1, -1)
    while True:
        found = await reader.rows(
            f"""
            SELECT {columns}
            FROM {DATABASE}.{table} AS t FINAL
            WHERE customer IN {{identities:Array(String)}}
              AND (toInt64(log_partition), toInt64(log_offset))
                  > ({{partition:Int64}}, {{offset:Int64}})
            ORDER BY log_partition, log_offset
            LIMIT {{limit:UInt32}}
            """,  # noqa: S608 constants of this module
            {
                "identities": list(identities),
                "partition": place[0],
                "offset": place[1],
                "limit": BATCH_ROWS,
            },
        )
        for row in found:
            yield row
        if len(found) < BATCH_ROWS:
            return
        place = (found[-1]["log_partition"], found[-1]["log_offset"])


async def consent(reader: Reader, identities: Sequence[str]) -> list[dict[str, Any]]:
    """What was ever said about consent, oldest first; errors as `rows`."""
    return await reader.rows(
        f"""
        SELECT id, at, logged_at, source, type, JSONExtractString(payload, 'origin') AS origin,
            JSONExtractRaw(payload, 'subscriptions') AS subscriptions
        FROM {DATABASE}.events_log FINAL
        WHERE customer IN {{identities:Array(String)}} AND JSONHas(payload, 'subscriptions')
        ORDER BY logged_at, log_offset
        """,  # noqa: S608 as above
        {"identities": list(identities)},
    )
