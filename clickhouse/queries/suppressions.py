"""Addresses that nothing, or no marketing, is sent to, and how it came."""

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS

Place: TypeAlias = tuple[int, str]
"""Epoch ms of the last change, and the hash: where a page begins."""

CHANGES_MAX = 100
"""Of one address; more than anybody has undone."""


class StoredSuppression(msgspec.Struct, frozen=True, kw_only=True):
    """As it stands."""

    address: str
    """Hash."""
    kind: str
    since_ms: int
    changed_ms: int
    scope: str
    reason: str
    reasons: tuple[str, ...]
    origin: str
    message_id: str
    code: str
    note: str


class StoredChange(msgspec.Struct, frozen=True, kw_only=True):
    """One word that changed what stands against an address."""

    id: str
    at_ms: int
    scope: str
    reason: str
    reasons: tuple[str, ...]
    origin: str
    message_id: str
    code: str
    note: str


async def page(
    reader: Reader,
    *,
    kinds: Sequence[str],
    reasons: Sequence[str],
    address: str,
    after: Place | None,
    limit: int,
) -> list[StoredSuppression]:
    """List what stands, changed last first; an empty filter lets everything pass.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, last = after or (LATEST_MS, "")
    return await reader.records(
        StoredSuppression,
        """
        SELECT address, toString(kind) AS kind, toUnixTimestamp64Milli(since) AS since_ms,
            toUnixTimestamp64Milli(changed_at) AS changed_ms, toString(scope) AS scope,
            toString(reason) AS reason, arrayMap(one -> toString(one), reasons) AS reasons,
            toString(origin) AS origin, message_id, toString(code) AS code, note
        FROM oncue.suppressions
        WHERE (empty({kinds:Array(String)}) OR kind IN {kinds:Array(String)})
          AND (empty({reasons:Array(String)}) OR hasAny(reasons, {reasons:Array(String)}))
          AND ({address:String} = '' OR address = {address:String})
          AND ({last:String} = '' OR (changed_ms, address) < ({at:Int64}, {last:String}))
        ORDER BY changed_ms DESC, address DESC
        LIMIT {limit:UInt32}
        """,
        {
            "kinds": list(kinds),
            "reasons": list(reasons),
            "address": address,
            "at": at,
            "last": last,
            "limit": limit,
        },
    )


async def changes(reader: Reader, address: str) -> list[StoredChange]:
    """What was said of one address, the last first; errors as `page`."""
    return await reader.records(
        StoredChange,
        """
        SELECT id, toUnixTimestamp64Milli(at) AS at_ms, toString(scope) AS scope,
            toString(reason) AS reason, arrayMap(one -> toString(one), reasons) AS reasons,
            toString(origin) AS origin, message_id, toString(code) AS code, note
        FROM oncue.suppression_changes
        WHERE address = {address:String}
        ORDER BY revision DESC
        LIMIT {limit:UInt32}
        """,
        {"address": address, "limit": CHANGES_MAX},
    )
