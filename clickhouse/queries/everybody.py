"""Customers one after the other, for a file."""

import base64

import msgspec

from clickhouse.client import Reader


class ExportedCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """One customer of an export, with the row as the changelog holds it."""

    id: str
    row: bytes


class _Stored(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    row_base64: str


async def customers(reader: Reader, *, after: str, limit: int) -> list[ExportedCustomer]:
    """List customers by id, from the one behind `after` on; erased and merged ones are none.

    Raises:
        ClickHouseError: as the reader says.
    """
    found = await reader.records(
        _Stored,
        """
        SELECT id, base64Encode(row) AS row_base64
        FROM oncue.customers_log FINAL
        WHERE id > {after:String} AND NOT is_erased AND forward = '' AND row != ''
        ORDER BY id
        LIMIT {limit:UInt32}
        """,
        {"after": after, "limit": limit},
    )
    return [ExportedCustomer(id=one.id, row=base64.b64decode(one.row_base64)) for one in found]
