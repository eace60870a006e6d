"""The receipt of an erasure, as far as ClickHouse goes."""

from collections.abc import Sequence

import msgspec

from clickhouse.client import Reader


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """One table holds nothing of one identity any more."""

    erased: str
    """Public id."""
    store: str
    at_ms: int


async def receipts(
    reader: Reader, erasure_id: str, *, identities: Sequence[str], since_ms: int
) -> list[Receipt]:
    """What was deleted for this erasure, or for a later one of the same, table by table.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        Receipt,
        """
        SELECT erased, store, min(toUnixTimestamp64Milli(at)) AS at_ms
        FROM oncue.erasures_log FINAL
        WHERE store != ''
          AND (id = {id:String} OR erased IN {identities:Array(String)}
               AND at >= fromUnixTimestamp64Milli({since:Int64}))
        GROUP BY erased, store
        """,
        {"id": erasure_id, "identities": list(identities), "since": since_ms},
    )
