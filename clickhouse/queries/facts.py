"""What was decided about a customer and why."""

from collections.abc import Sequence
from typing import Final, TypeAlias, get_args

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS
from clickhouse.queries.identities import OF_CUSTOMER, Person
from engine.events import Kind

KINDS: Final = list(get_args(Kind))

Place: TypeAlias = tuple[int, int, str]
"""Epoch ms, the order within one decision, and id: where a page begins."""

ORDER: Final = "indexOf(['fired', 'entered', 'deferred', 'sent', 'not_sent', 'exited'], kind)"
"""Facts of one decision bear the same time; this is the order they were decided in. 0 is none."""


NOT_ENTERED: Final = "not_entered"
"""What a `not_sent` without a step is: the trigger met the customer, and nobody came in."""

OUTCOME: Final = f"if(kind = 'not_sent' AND step = '', '{NOT_ENTERED}', kind)"

_COLUMNS: Final = f"""
    id, customer, toUnixTimestamp64Milli(at) AS at_ms, {ORDER} AS rank, kind, campaign, version,
    trigger, instance, step, message_id, reason, cause, why
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
    cause: str
    why: str
    """JSON: `engine.why.Why`; empty: nothing but the reason."""

    @property
    def place(self) -> Place:
        """Where the next page begins after it."""
        return self.at_ms, self.rank, self.id


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which decisions; empty is every one."""

    campaign: str = ""
    outcome: str = ""
    """A kind of fact, or `not_entered`."""
    reason: str = ""
    since_ms: int = 0
    until_ms: int = LATEST_MS

    def parameters(self) -> dict[str, object]:
        """For the query."""
        return {
            "campaign": self.campaign,
            "outcome": self.outcome,
            "reason": self.reason,
            "since": self.since_ms,
            "until": self.until_ms,
        }


async def page(
    reader: Reader, *, of: Person, wanted: Wanted, after: Place | None, limit: int
) -> list[StoredFact]:
    """List the decisions before the place `after`, newest first.

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
          AND ({{outcome:String}} = '' OR {OUTCOME} = {{outcome:String}})
          AND ({{reason:String}} = '' OR reason = {{reason:String}})
          AND at >= fromUnixTimestamp64Milli({{since:Int64}})
          AND at <= fromUnixTimestamp64Milli({{until:Int64}})
          AND ({{id:String}} = ''
               OR (at_ms, rank, id) < ({{at:Int64}}, {{rank:Int64}}, {{id:String}}))
        ORDER BY at_ms DESC, rank DESC, id DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of this module
        {
            **of.parameters(),
            **wanted.parameters(),
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


class StoredCause(msgspec.Struct, frozen=True, kw_only=True):
    """An event that led to decisions, and its place in the log."""

    id: str
    kind: str
    log_partition: int
    log_offset: int


async def causes(reader: Reader, event_ids: Sequence[str], *, of: Person) -> dict[str, StoredCause]:
    """The customer's events by id, as far as they are stored yet; errors as `page`."""
    if not event_ids:
        return {}
    found = await reader.records(
        StoredCause,
        """
        SELECT id, argMin(e.kind, e.log_offset) AS kind,
            argMin(e.log_partition, e.log_offset) AS log_partition,
            min(e.log_offset) AS log_offset
        FROM oncue.events_log AS e
        WHERE e.kind IN {kinds:Array(String)} AND e.id IN {ids:Array(String)}
          AND customer IN {identities:Array(String)}
        GROUP BY id
        """,
        {"kinds": KINDS, "ids": sorted(set(event_ids)), "identities": of.identities},
    )
    return {one.id: one for one in found}
