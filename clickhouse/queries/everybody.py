"""Customers one after the other, for a file."""

from decimal import Decimal

import msgspec

from clickhouse.client import Reader


class ExportedCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """One customer of an export."""

    id: str
    email: str
    phone: str
    attributes: str
    """JSON."""
    subscriptions: str
    """JSON."""
    orders_count: int
    orders_total: Decimal
    receipts_count: int
    receipts_total: Decimal
    currency: str
    first_seen_ms: int | None
    last_seen_ms: int | None


async def customers(reader: Reader, *, after: str, limit: int) -> list[ExportedCustomer]:
    """List customers by id, from the one behind `after` on.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        ExportedCustomer,
        """
        SELECT id, email, phone, attributes, subscriptions, orders_count, orders_total,
            receipts_count, receipts_total, currency,
            toUnixTimestamp64Milli(first_seen_at) AS first_seen_ms,
            toUnixTimestamp64Milli(last_seen_at) AS last_seen_ms
        FROM oncue.customers
        WHERE id > {after:String}
        ORDER BY id
        LIMIT {limit:UInt32}
        """,
        {"after": after, "limit": limit},
    )
