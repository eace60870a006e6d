"""Messages decided for customers, what the ledger says of them, and how people responded."""

from collections.abc import Sequence
from typing import Final

import msgspec

from clickhouse.client import Reader
from clickhouse.queries.activity import LATEST_MS, Place
from clickhouse.queries.identities import Person

_ANYBODY: Final = Person(customer="", identities=[])


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the view `messages`; absent text is empty."""

    id: str
    customer: str
    at_ms: int
    campaign: str
    version: int
    trigger: str
    step: str
    template: str
    template_version: int
    message_class: str
    category: str
    channel: str
    to: str
    state: str
    code: str
    reason: str
    sent_ms: int | None


class StoredResponse(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message."""

    message_id: str
    response: str
    at_ms: int
    code: str
    reason: str
    url: str
    is_machine: bool | None


async def page(
    reader: Reader, *, of: Person | None, after: Place | None, limit: int
) -> list[StoredMessage]:
    """List the messages decided before the place `after`, newest first; None: of everybody.

    Raises:
        ClickHouseError: as the reader says.
    """
    at, id_ = after or (LATEST_MS, "")
    return await reader.records(
        StoredMessage,
        """
        SELECT id, customer, toUnixTimestamp64Milli(at) AS at_ms, campaign, version, trigger, step,
            template, template_version, class AS message_class, category, channel, to, state,
            code, reason, toUnixTimestamp64Milli(sent_at) AS sent_ms
        FROM oncue.messages
        WHERE ({customer:String} = '' OR (customer = {customer:String}
               AND identity IN {identities:Array(String)}))
          AND at <= fromUnixTimestamp64Milli({at:Int64})
          AND ({id:String} = '' OR (toUnixTimestamp64Milli(at), id) < ({at:Int64}, {id:String}))
        ORDER BY at_ms DESC, id DESC
        LIMIT {limit:UInt32}
        """,
        {**(of or _ANYBODY).parameters(), "at": at, "id": id_, "limit": limit},
    )


async def responses(reader: Reader, message_ids: Sequence[str]) -> list[StoredResponse]:
    """List the responses to these messages, oldest first; errors as `page`."""
    if not message_ids:
        return []
    return await reader.records(
        StoredResponse,
        """
        SELECT message_id, response, toUnixTimestamp64Milli(at) AS at_ms, code, reason, url,
            is_machine
        FROM oncue.responses
        WHERE has({ids:Array(String)}, message_id)
        ORDER BY at_ms, id
        """,
        {"ids": list(message_ids)},
    )


async def states(reader: Reader, message_ids: Sequence[str]) -> dict[str, str]:
    """The newest entry of the ledger for each message, by id; errors as `page`."""
    if not message_ids:
        return {}
    rows = await reader.rows(
        "SELECT id, state FROM oncue.messages WHERE has({ids:Array(String)}, id)",
        {"ids": list(message_ids)},
    )
    return {row["id"]: row["state"] for row in rows}
