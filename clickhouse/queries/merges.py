"""What became of identities: merged, linked, refused, split off again."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS
from clickhouse.queries.identities import OF_CUSTOMER, Person
from engine.facts import ChangeKind

Place: TypeAlias = tuple[int, str]
"""Epoch ms and id: where a page begins."""


class StoredMerge(msgspec.Struct, frozen=True, kw_only=True):
    """One fact about an identity."""

    id: str
    at_ms: int
    customer: str
    """The one who survives today."""
    shown: str
    """Public id of the identity."""
    kind: str
    said: str
    """Why not, or whom the identity belongs to, or what was left out."""
    merge_id: str


async def page(
    reader: Reader,
    *,
    of: Person | None,
    kinds: Sequence[ChangeKind],
    after: Place | None,
    limit: int,
) -> list[StoredMerge]:
    """List what became of identities before the place `after`, newest first.

    Args:
        of: Whose; None is everybody's.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, id_ = after or (LATEST_MS, "")
    whose = "1" if of is None else OF_CUSTOMER
    return await reader.records(
        StoredMerge,
        f"""
        SELECT id, toUnixTimestamp64Milli(at) AS at_ms, customer, toString(name) AS shown,
            toString(kind) AS kind, ifNull(after, '') AS said, cause AS merge_id
        FROM oncue.facts
        WHERE {whose} AND kind IN {{kinds:Array(String)}}
          AND ({{id:String}} = '' OR (at_ms, id) < ({{at:Int64}}, {{id:String}}))
        ORDER BY at_ms DESC, id DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of this module
        {
            **({} if of is None else of.parameters()),
            "kinds": list(kinds),
            "at": at,
            "id": id_,
            "limit": limit,
        },
    )
