"""Customers as ClickHouse has them: a second or two behind, for lists and when Redis is away."""

from decimal import Decimal
from typing import Final

import msgspec

from clickhouse.client import Reader

_COLUMNS: Final = """
    id, email, phone, orders_count, orders_total, receipts_count, receipts_total, currency,
    cart_items, cart_value, events_count, attributes, subscriptions,
    toUnixTimestamp64Milli(first_seen_at) AS first_seen_ms,
    toUnixTimestamp64Milli(last_seen_at) AS last_seen_ms,
    toUnixTimestamp64Milli(logged_at) AS logged_ms
"""


class StoredCustomer(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the view `customers`; absent text is empty."""

    id: str
    email: str
    phone: str
    orders_count: int
    orders_total: Decimal
    receipts_count: int
    receipts_total: Decimal
    currency: str
    cart_items: int
    cart_value: Decimal
    events_count: int
    attributes: str
    """JSON."""
    subscriptions: str
    """JSON."""
    first_seen_ms: int | None
    last_seen_ms: int | None
    logged_ms: int


async def page(
    reader: Reader, *, search: str, after: str | None, limit: int
) -> list[StoredCustomer]:
    """List customers by id; `search` is looked for in id, contacts and name, in any case.

    Raises:
        ClickHouseError: as the reader says.
    """
    return await reader.records(
        StoredCustomer,
        f"""
        SELECT {_COLUMNS}
        FROM oncue.customers
        WHERE id > {{after:String}}
          AND ({{search:String}} = '' OR positionCaseInsensitiveUTF8(concatWithSeparator('\\n',
               id, email, phone,
               JSONExtractString(attributes, 'name'),
               JSONExtractString(attributes, 'firstName'),
               JSONExtractString(attributes, 'lastName'),
               JSONExtractString(attributes, 'first_name'),
               JSONExtractString(attributes, 'last_name')), {{search:String}}) > 0)
        ORDER BY id
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of this module
        {"after": after or "", "search": search, "limit": limit},
    )


async def one(reader: Reader, customer_id: str) -> StoredCustomer | None:
    """Find a customer; errors as `page`."""
    found = await reader.records(
        StoredCustomer,
        f"SELECT {_COLUMNS} FROM oncue.customers WHERE id = {{id:String}}",  # noqa: S608 as above
        {"id": customer_id},
    )
    return found[0] if found else None


async def last_seen(reader: Reader, *, limit: int) -> list[StoredCustomer]:
    """The customers whose rows were written last, newest first; errors as `page`."""
    return await reader.records(
        StoredCustomer,
        f"""
        SELECT {_COLUMNS} FROM oncue.customers
        ORDER BY logged_at DESC, id LIMIT {{limit:UInt32}}
        """,  # noqa: S608 as above
        {"limit": limit},
    )
