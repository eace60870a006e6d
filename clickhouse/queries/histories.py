"""What the logs held of some identities, in the order of each log: for a replay."""

from collections.abc import AsyncIterator, Sequence
from typing import Final

import msgspec

from clickhouse.client import Reader

PAGE_ROWS: Final = 500
"""A page in memory: an event has up to 32 KB."""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Where a mark stands."""

    id: str
    key: str
    log_partition: int
    log_offset: int


class StoredEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A record of `events` that came from outside."""

    key: str
    log_offset: int
    logged_ms: int
    payload: str
    """JSON, as in the log."""


class HandOver(msgspec.Struct, frozen=True, kw_only=True):
    """A record that tells a user of a device that changed hands."""

    type: str
    payload: str
    cause: str
    """`topic/partition/offset/n`: where it stands in the log of the device."""


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """From this offset on the partition decides under definitions up to that one."""

    log_partition: int
    log_offset: int
    definitions: int


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """The last time that a customer entered a campaign."""

    customer: str
    campaign: str
    at_ms: int


async def marks(reader: Reader, mark_ids: Sequence[str]) -> dict[str, Mark]:
    """Find the marks that are stored, by row key.

    A partition is stored in its order: what stands before a mark that is found can be read. A crash
    may append a mark again; the first is the one that the row went by.

    Raises:
        ClickHouseError: as the reader says.
    """
    found = await reader.records(
        Mark,
        """
        SELECT id, key, log_partition, min(events.log_offset) AS log_offset
        FROM oncue.events_log AS events FINAL
        WHERE kind = 'merge' AND id IN {ids:Array(String)}
        GROUP BY id, key, log_partition
        """,
        {"ids": list(mark_ids)},
    )
    return {mark.key: mark for mark in found}


async def events(
    reader: Reader, *, partition: int, identities: Sequence[str], until: int
) -> AsyncIterator[StoredEvent]:
    """Yield what came from outside for these public ids, before an offset; errors as `marks`."""
    after = -1
    while True:
        found = await reader.records(
            StoredEvent,
            """
            SELECT key, log_offset, toUnixTimestamp64Milli(logged_at) AS logged_ms, payload
            FROM oncue.events_log FINAL
            WHERE customer IN {identities:Array(String)} AND log_partition = {partition:UInt16}
              AND toInt64(log_offset) > {after:Int64} AND toInt64(log_offset) < {until:Int64}
              AND kind NOT IN ('timer', 'command', 'merge', 'switch')
            ORDER BY log_offset LIMIT {limit:UInt32}
            """,
            {
                "identities": list(identities),
                "partition": partition,
                "after": after,
                "until": until,
                "limit": PAGE_ROWS,
            },
        )
        for event in found:
            yield event
        if len(found) < PAGE_ROWS:
            return
        after = found[-1].log_offset


async def hand_overs(reader: Reader, customer_id: str) -> list[HandOver]:
    """What a user was told of devices that another user has or had, oldest first; errors so."""
    return await reader.records(
        HandOver,
        """
        SELECT type, payload, cause FROM oncue.events_log FINAL
        WHERE customer = {customer:String} AND kind = 'merge'
          AND type IN ('moved', 'unlinked', 'merge_refused')
        ORDER BY log_offset
        """,
        {"customer": customer_id},
    )


async def switches(reader: Reader, partitions: Sequence[int]) -> list[Switch]:
    """Where each partition began to decide under other definitions; errors as `marks`."""
    return await reader.records(
        Switch,
        """
        SELECT log_partition, toInt64(min(log_offset)) AS log_offset,
            JSONExtractInt(payload, 'definitions_offset') AS definitions
        FROM (SELECT log_partition, log_offset, payload FROM oncue.events_log FINAL
              WHERE kind = 'switch' AND log_partition IN {partitions:Array(UInt16)})
        GROUP BY log_partition, definitions
        ORDER BY log_partition, log_offset
        """,
        {"partitions": list(partitions)},
    )


async def sent(reader: Reader, identities: Sequence[str], *, limit: int) -> list[str]:
    """The messages decided last for these ids, as JSON, oldest first; errors as `marks`."""
    found = await reader.rows(
        """
        SELECT payload FROM (
            SELECT payload, at, id FROM oncue.messages_log FINAL
            WHERE customer IN {identities:Array(String)}
            ORDER BY at DESC, id DESC LIMIT {limit:UInt32})
        ORDER BY at, id
        """,
        {"identities": list(identities), "limit": limit},
    )
    return [row["payload"] for row in found]


async def entered(reader: Reader, identities: Sequence[str]) -> list[Entered]:
    """Which campaigns these ids entered, each with the last time; errors as `marks`."""
    return await reader.records(
        Entered,
        """
        SELECT customer, toString(campaign) AS campaign,
            max(toUnixTimestamp64Milli(logged_at)) AS at_ms
        FROM oncue.facts_log FINAL
        WHERE customer IN {identities:Array(String)} AND kind = 'entered'
        GROUP BY customer, campaign
        """,
        {"identities": list(identities)},
    )


async def begun(
    reader: Reader, identities: Sequence[str], instances: Sequence[str]
) -> frozenset[str]:
    """Which of these runs began for these ids; errors as `marks`."""
    found = await reader.rows(
        """
        SELECT DISTINCT instance FROM oncue.facts_log FINAL
        WHERE customer IN {identities:Array(String)} AND kind = 'entered'
          AND instance IN {instances:Array(String)}
        """,
        {"identities": list(identities), "instances": list(instances)},
    )
    return frozenset(row["instance"] for row in found)
