"""What was decided about a customer and why."""

from typing import Final, TypeAlias

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS
from clickhouse.queries.identities import OF_CUSTOMER, Person

Place: TypeAlias = tuple[int, int, str]
"""Epoch ms, the order within one decision, and id: where a page begins."""

ORDER: Final = "indexOf(['fired', 'entered', 'deferred', 'sent', 'not_sent', 'exited'], kind)"
"""Facts of one decision bear the same time; this is the order they were decided in. 0 is none."""


_COLUMNS: Final = f"""
    id, customer, toUnixTimestamp64Milli(at) AS at_ms, {ORDER} AS rank, kind, campaign, version,
    trigger, instance, step, message_id, reason
"""


class StoredFact(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the view `facts`; absent text is empty."""

    id: str
    customer: str
    at_ms: int
    rank: int
    kind: str
    campaign: str
    version: int
    trigger: str
    instance: str
    step: str
    message_id: str
    reason: str

    @property
    def place(self) -> Place:
        """Where the next page begins after it."""
        return self.at_ms, self.rank, self.id


async def page(
    reader: Reader, *, of: Person, campaign: str, after: Place | None, limit: int
) -> list[StoredFact]:
    """List the decisions before the place `after`, newest first; an empty campaign is every one.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, rank, id_ = after or (LATEST_MS, 0, "")
    return await reader.records(
        StoredFact,
        f"""
        SELECT {_COLUMNS}
        FROM oncue.facts
        WHERE {OF_CUSTOMER} AND rank > 0
          AND ({{campaign:String}} = '' OR campaign = {{campaign:String}})
          AND ({{id:String}} = ''
               OR (at_ms, rank, id) < ({{at:Int64}}, {{rank:Int64}}, {{id:String}}))
        ORDER BY at_ms DESC, rank DESC, id DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of this module
        {
            **of.parameters(),
            "campaign": campaign,
            "at": at,
            "rank": rank,
            "id": id_,
            "limit": limit,
        },
    )


async def last(reader: Reader, *, limit: int) -> list[StoredFact]:
    """What was decided last about anybody's messages, newest first; errors as `page`."""
    return await reader.records(
        StoredFact,
        f"""
        SELECT {_COLUMNS}
        FROM oncue.facts
        WHERE kind IN ('sent', 'not_sent', 'deferred')
        ORDER BY at_ms DESC, rank DESC, id DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 as above
        {"limit": limit},
    )
