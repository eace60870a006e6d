"""Where the customers who bought fall into fifths, and which cuts ClickHouse knows."""

from decimal import Decimal

import msgspec

from clickhouse.client import Reader


class Quintiles(msgspec.Struct, frozen=True, kw_only=True):
    """The greatest value of each fifth but the last; of nobody, no values."""

    customers: int
    recency_days: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[Decimal, ...]


async def quintiles(reader: Reader, *, now: int) -> Quintiles:
    """Compare everybody who has a receipt.

    The k-th cut of n values in order is the one at place ceil(k * n / 5): nearest rank, so a cut is
    somebody's own value. About 24 bytes a customer for as long as it takes.

    Args:
        now: Epoch ms; days since the last receipt are counted to it.

    Raises:
        ClickHouseError: as the reader says.
    """
    [found] = await reader.records(
        Quintiles,
        """
        WITH [1, 2, 3, 4] AS parts
        SELECT
            customers,
            arrayMap(k -> days[intDiv(k * customers + 4, 5)], parts) AS recency_days,
            arrayMap(k -> counts[intDiv(k * customers + 4, 5)], parts) AS frequency,
            arrayMap(k -> totals[intDiv(k * customers + 4, 5)], parts) AS monetary
        FROM
        (
            SELECT
                toInt64(count()) AS customers,
                arraySort(groupArray(greatest(0, intDiv(
                    {now:Int64} - toUnixTimestamp64Milli(assumeNotNull(receipts_last_at)),
                    86400000)))) AS days,
                arraySort(groupArray(receipts_count)) AS counts,
                arraySort(groupArray(receipts_total)) AS totals
            FROM oncue.customers
            WHERE receipts_count > 0 AND receipts_last_at IS NOT NULL
        )
        """,
        {"now": now},
    )
    return found


async def known(reader: Reader) -> tuple[int, int] | None:
    """Revision and time, epoch ms, of the cuts in ClickHouse; None: there are none."""
    found = await reader.rows(
        "SELECT revision, toUnixTimestamp64Milli(computed_at) AS at FROM oncue.rfm"
    )
    return (found[0]["revision"], found[0]["at"]) if found else None
