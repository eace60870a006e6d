"""Who stands where in a campaign, as the rows were written last: a second behind the worker."""

from collections.abc import Mapping
from typing import Final

import msgspec

from clickhouse.client import Reader

_RUNS: Final = """
    SELECT run.2 AS version, run.3 AS step, run.4 AS arrived_ms
    FROM
    (
        SELECT arrayJoin(
            JSONExtract(standing, 'runs', 'Array(Tuple(String, UInt32, String, Int64))')
        ) AS run
        FROM oncue.customers_log FINAL
        WHERE NOT is_erased AND JSONHas(standing, 'runs')
    )
    WHERE run.1 = {campaign:String}
"""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Runs at one step of one version."""

    version: int
    step: str
    runs: int


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Messages that wait at one step of one version."""

    version: int
    step: str
    waiting: int
    expired: int
    """Of them, those that are too late by now."""


async def standing(reader: Reader, campaign: str) -> list[Standing]:
    """Count the runs by version and step, in their order.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        Standing,
        f"""
        SELECT version, step, count() AS runs FROM ({_RUNS})
        GROUP BY version, step ORDER BY version, step
        """,  # noqa: S608 a constant of this module
        {"campaign": campaign},
    )


async def waiting(
    reader: Reader, campaign: str, *, ttls_ms: Mapping[tuple[int, str], int], now: int
) -> list[Waiting]:
    """Count the runs that stand at a send.

    Args:
        ttls_ms: How long a message of each version and step may wait.
        now: Epoch ms.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        Waiting,
        f"""
        SELECT version, step, count() AS waiting,
            countIf(arrived_ms <= {{now:Int64}} - {{ttls:Array(Int64)}}[place]) AS expired
        FROM
        (
            SELECT *, concat(toString(version), '/', step) AS name,
                indexOf({{places:Array(String)}}, name) AS place
            FROM ({_RUNS})
        )
        WHERE place > 0
        GROUP BY version, step ORDER BY version, step
        """,  # noqa: S608 a constant of this module
        {
            "campaign": campaign,
            "now": now,
            "places": [f"{version}/{step}" for version, step in ttls_ms],
            "ttls": list(ttls_ms.values()),
        },
    )
