"""What is deleted of an erased customer, and where that is written down.

Deleted rows are invisible at once, and leave the disk with a rewrite that runs in the background.
"""

import re
from collections.abc import Collection, Mapping
from typing import Final

from clickhouse.client import DATABASE, Writer
from clickhouse.tables import TABLES, CustomerRow, DeadLetterRow

PERSONAL: Final[Mapping[str, str]] = {
    table: "customer" for row, table in TABLES.items() if "customer" in row._fields
} | {"identities_log": "customer"}
"""By table, where the customer's public id stands; the sink deletes there."""

CUSTOMERS: Final[Mapping[str, str]] = {TABLES[CustomerRow]: "id"}
"""The mirror deletes there; what stays is the stub."""

_DEAD_LETTERS: Final = TABLES[DeadLetterRow]

_NAMED: Final = (
    r'"(?:userId|user_id|anonymousId|anonymous_id|previousId|previous_id|customerId|customer_id'
    r'|email|phone|card)"\s*:\s*"([^"]{1,512})"'
)
"""Where a refused payload says whose it is. It may be no JSON at all."""

_named: Final = re.compile(_NAMED.encode()).findall


def named_in(payload: bytes) -> set[str]:
    """Identifiers and addresses that a refused payload names as somebody's."""
    return {found.decode(errors="replace") for found in _named(payload)}


async def known(writer: Writer) -> set[str]:
    """Everybody who was erased so far.

    Raises:
        ClickHouseError: as a read's.
    """
    found = await writer.rows(f"SELECT DISTINCT erased FROM {DATABASE}.erasures_log")  # noqa: S608 a constant
    return {row["erased"] for row in found}


async def addresses(writer: Writer, ids: Collection[str]) -> set[str]:
    """What these customers were reachable at, as their own traits say; errors as `known`."""
    found = await writer.rows(
        f"""
        SELECT DISTINCT arrayJoin([JSONExtractString(payload, 'traits', 'email'),
                                   JSONExtractString(payload, 'traits', 'phone')]) AS address
        FROM {DATABASE}.events_log
        WHERE customer IN {{ids:Array(String)}} AND type = 'identified'
        """,  # noqa: S608 a constant
        {"ids": list(ids)},
    )
    return {row["address"] for row in found} - {""}


async def delete(
    writer: Writer, table: str, column: str, ids: Collection[str], *, words: Collection[str] = ()
) -> None:
    """Delete the rows of these customers; of refused payloads also those that name one of `words`.

    Errors as `known`; the same again is harmless.
    """
    condition = f"{column} IN {{ids:Array(String)}}"
    if table == _DEAD_LETTERS:
        names = "hasAny(extractAll(payload, {named:String}), {words:Array(String)})"
        condition = f"({condition} OR {names})"
    if table in CUSTOMERS:
        condition += " AND NOT is_erased"
    parameters = {"ids": list(ids), "words": list(words), "named": _NAMED}
    [counted] = await writer.rows(
        f"SELECT count() AS n FROM {DATABASE}.{table} WHERE {condition}",  # noqa: S608 constants
        parameters,
    )
    if not counted["n"]:
        return
    await writer.command(f"DELETE FROM {DATABASE}.{table} WHERE {condition}", parameters)  # noqa: S608 as above
    await writer.command(f"ALTER TABLE {DATABASE}.{table} APPLY DELETED MASK")
