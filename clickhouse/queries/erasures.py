"""The receipts of erasures, as far as ClickHouse goes."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec

from clickhouse.client import Reader

Place: TypeAlias = tuple[int, str]
"""Epoch ms and id of an erasure: where a page begins."""

TOKEN: Final = "Wy"  # noqa: S105 no secret: how base64 of a JSON array begins
"""Ids of what somebody asked for; what follows from it on its own has a hash, without a `W`."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """One table holds nothing of one identity any more."""

    id: str
    """Of the erasure."""
    erased: str
    """Public id."""
    store: str
    at_ms: int


class _Requested(msgspec.Struct, frozen=True, kw_only=True):
    id: str


async def receipts(
    reader: Reader, erasure_ids: Sequence[str], *, identities: Sequence[str]
) -> list[Receipt]:
    """What was deleted for these erasures, and for any other of these identities.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        Receipt,
        """
        SELECT id, erased, store, toUnixTimestamp64Milli(at) AS at_ms
        FROM oncue.erasures_log FINAL
        WHERE store != ''
          AND (id IN {ids:Array(String)} OR erased IN {identities:Array(String)})
        """,
        {"ids": list(erasure_ids), "identities": list(identities)},
    )


async def requested(reader: Reader, *, after: Place | None, limit: int) -> list[str]:
    """Ids of erasures before the place `after`, the newest first; errors as `receipts`.

    The log of events knows an erasure until it deletes it, the log of erasures from then on.
    """
    at, id_ = after or (0, "")
    found = await reader.records(
        _Requested,
        """
        SELECT id, JSONExtractInt(tryBase64URLDecode(id), 2) AS requested_ms
        FROM
        (
            SELECT id FROM oncue.erasures_log WHERE startsWith(id, {token:String})
            UNION DISTINCT
            SELECT id FROM oncue.events_log
            WHERE kind = 'command' AND startsWith(id, {token:String}) AND type = 'erasure_requested'
        )
        WHERE {id:String} = '' OR (requested_ms, id) < ({at:Int64}, {id:String})
        ORDER BY requested_ms DESC, id DESC
        LIMIT {limit:UInt32}
        """,
        {"token": TOKEN, "at": at, "id": id_, "limit": limit},
    )
    return [item.id for item in found]
