"""The sandbox's mailbox: every message it took, as it was rendered."""

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS, Place


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the view `outbox`."""

    id: str
    customer: str
    channel: str
    to: str
    campaign: str
    version: int
    step: str
    template: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    at_ms: int
    """When the sandbox took it."""


async def page(
    reader: Reader, *, customer_id: str, since_ms: int, after: Place | None, limit: int
) -> list[Mail]:
    """List what was taken since then, newest first; an empty customer is every one.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, id_ = after or (LATEST_MS, "")
    return await reader.records(
        Mail,
        """
        SELECT id, customer, channel, to, campaign, version, step, template, subject, text, html,
            headers, toUnixTimestamp64Milli(at) AS at_ms
        FROM oncue.outbox
        WHERE ({customer:String} = '' OR customer = {customer:String})
          AND at >= fromUnixTimestamp64Milli({since:Int64})
          AND ({id:String} = '' OR (toUnixTimestamp64Milli(at), id) < ({at:Int64}, {id:String}))
        ORDER BY at_ms DESC, id DESC
        LIMIT {limit:UInt32}
        """,
        {"customer": customer_id, "since": since_ms, "at": at, "id": id_, "limit": limit},
    )
