"""The campaigns a customer took part in."""

from typing import Final, TypeAlias

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS
from clickhouse.queries.identities import OF_CUSTOMER, Person

Place: TypeAlias = tuple[int, str]
"""Epoch ms of what happened last in a campaign, and its id: where a page begins."""


_HELD_OUT: Final = "kind = 'arm_assigned' AND after = 'holdout'"
"""An arm that a split calls so is one too."""


class Participation(msgspec.Struct, frozen=True, kw_only=True):
    """What one campaign came to for the customer."""

    campaign: str
    version: int
    """The newest they were in."""
    entered_count: int
    sent_count: int
    not_sent_count: int
    first_ms: int
    last_ms: int
    held_out_as: list[str]
    """Control groups the customer was in, by the names of their experiments."""
    held_out_ms: int
    """When they were dealt last; 0: never."""


async def page(
    reader: Reader, *, of: Person, after: Place | None, limit: int
) -> list[Participation]:
    """List the campaigns before the place `after`, that of the last decision first.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, id_ = after or (LATEST_MS, "")
    return await reader.records(
        Participation,
        f"""
        SELECT campaign, max(version) AS version, countIf(kind = 'entered') AS entered_count,
            countIf(kind = 'sent') AS sent_count, countIf(kind = 'not_sent') AS not_sent_count,
            toUnixTimestamp64Milli(min(at)) AS first_ms, toUnixTimestamp64Milli(max(at)) AS last_ms,
            arraySort(groupUniqArrayIf(toString(name), {_HELD_OUT})) AS held_out_as,
            toUnixTimestamp64Milli(maxIf(at, {_HELD_OUT})) AS held_out_ms
        FROM oncue.facts
        WHERE {OF_CUSTOMER} AND campaign != ''
            AND kind IN ('entered', 'sent', 'not_sent', 'deferred', 'exited', 'arm_assigned')
        GROUP BY campaign
        HAVING {{id:String}} = '' OR (last_ms, campaign) < ({{at:Int64}}, {{id:String}})
        ORDER BY last_ms DESC, campaign DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of these modules
        {**of.parameters(), "at": at, "id": id_, "limit": limit},
    )
