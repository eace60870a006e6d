"""What was refused, by the collector and elsewhere."""

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS, Place


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the view `rejections`."""

    id: str
    at_ms: int
    place: str
    code: str
    message: str
    path: str
    source: str
    payload: str
    payload_base64: str


async def page(
    reader: Reader, *, place: str, code: str, after: Place | None, limit: int
) -> list[Rejection]:
    """List what was refused, newest first; an empty place or code is every one.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, id_ = after or (LATEST_MS, "")
    return await reader.records(
        Rejection,
        """
        SELECT id, toUnixTimestamp64Milli(at) AS at_ms, place, code, message, path, source,
            payload, payload_base64
        FROM oncue.rejections
        WHERE ({place:String} = '' OR place = {place:String})
          AND ({code:String} = '' OR code = {code:String})
          AND ({id:String} = '' OR (toUnixTimestamp64Milli(at), id) < ({at:Int64}, {id:String}))
        ORDER BY at_ms DESC, id DESC
        LIMIT {limit:UInt32}
        """,
        {"place": place, "code": code, "at": at, "id": id_, "limit": limit},
    )


class RefusedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a file that was refused."""

    line: int
    code: str
    message: str
    path: str
    payload: str


async def of_file(reader: Reader, *, source: str, after: int, limit: int) -> list[RefusedLine]:
    """List what was refused of one import by line, behind `after`; errors as `page`."""
    return await reader.records(
        RefusedLine,
        """
        SELECT line, code, message, field AS path, payload
        FROM
        (
            SELECT toUInt64OrZero(extract(path, '^line ([0-9]+)')) AS line, code, message,
                replaceRegexpOne(path, '^line [0-9]+(: )?', '') AS field, payload
            FROM oncue.rejections
            WHERE place = 'import' AND source = {source:String}
        )
        WHERE line > {after:UInt64}
        ORDER BY line
        LIMIT {limit:UInt32}
        """,
        {"source": source, "after": after, "limit": limit},
    )
