"""What changed in a customer: one kind of fact, from what to what and by which event."""

from typing import TypeAlias

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS
from clickhouse.queries.identities import OF_CUSTOMER, Person
from engine.facts import ChangeKind

Place: TypeAlias = tuple[int, str]
"""Epoch ms and id: where a page begins."""


class StoredChange(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the view `facts`."""

    id: str
    at_ms: int
    logged_ms: int
    name: str
    before: str | None
    after: str | None
    cause: str
    origin: str


async def page(
    reader: Reader,
    *,
    of: Person,
    kind: ChangeKind,
    name: str,
    after: Place | None,
    limit: int,
) -> list[StoredChange]:
    """List the changes before the place `after`, newest first; an empty name is every one.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, id_ = after or (LATEST_MS, "")
    return await reader.records(
        StoredChange,
        f"""
        SELECT id, toUnixTimestamp64Milli(at) AS at_ms,
               toUnixTimestamp64Milli(logged_at) AS logged_ms, name, before, after, cause, origin
        FROM oncue.facts
        WHERE {OF_CUSTOMER} AND kind = {{kind:String}}
          AND ({{name:String}} = '' OR name = {{name:String}})
          AND ({{id:String}} = '' OR (at_ms, id) < ({{at:Int64}}, {{id:String}}))
        ORDER BY at_ms DESC, id DESC
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 a constant of ours
        {
            **of.parameters(),
            "kind": kind,
            "name": name,
            "at": at,
            "id": id_,
            "limit": limit,
        },
    )
