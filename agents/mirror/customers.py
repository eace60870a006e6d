"""A record of the customers' changelog as a row of ClickHouse."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from clickhouse.tables import CustomerRow, within_bounds
from engine.customer import Cart, Customer
from engine.errors import RejectedError
from streams.records import Received
from tables import rows

CART = "cart"


def highest(found: Sequence[Received]) -> list[Received]:
    """Keep of each customer the record that is true among these; drop what is no customer.

    Raises:
        UnreadableRowError: a value is no row.
        NewerFormatError: a row is a newer Oncue's.
    """
    best: dict[bytes, tuple[tuple[int, int, int], Received]] = {}
    for record in found:
        if not is_row(record):
            continue
        key, order = record.key or b"", rows.decode_header(record.value or b"").order
        if key not in best or order >= best[key][0]:
            best[key] = (order, record)
    return [record for _, record in best.values()]


def is_row(record: Received) -> bool:
    """Whether the record is a customer's, and not an owner's marker or a tombstone."""
    return bool(record.key and record.value) and not (record.key or b"").startswith(rows.RESERVED)


def row_of(record: Received) -> CustomerRow:
    """Flatten what reports ask for.

    Raises:
        RejectedError: the key is no text.
        UnreadableRowError: the value is no row.
        NewerFormatError: the row is a newer Oncue's.
    """
    try:
        key = (record.key or b"").decode()
    except UnicodeDecodeError as error:
        raise RejectedError("undecodable", str(error)) from error
    header, row = rows.decode(record.value or b"")
    customer = row.customer
    cart = customer.containers.get(CART, Cart())
    return CustomerRow(
        row_epoch=header.epoch,
        row_version=header.version,
        row_offset=header.offset,
        logged_at=within_bounds(record.logged_at),
        key=key,
        id=customer.id,
        at=within_bounds(customer.last_seen_at or record.logged_at),
        email=customer.email or "",
        phone=customer.phone or "",
        orders_count=customer.orders.count,
        orders_total=customer.orders.total,
        receipts_count=customer.receipts.count,
        receipts_total=customer.receipts.total,
        currency=_currency(customer),
        cart_items=sum(item.product.quantity for item in cart.items),
        cart_value=_value(cart),
        first_seen_at=_within(customer.first_seen_at),
        last_seen_at=_within(customer.last_seen_at),
        events_count=customer.events_count,
        attributes=msgspec.json.encode(customer.attributes).decode(),
        subscriptions=msgspec.json.encode(customer.subscriptions).decode(),
    )


def _currency(customer: Customer) -> str:
    return customer.orders.currency or customer.receipts.currency or ""


def _value(cart: Cart) -> Decimal:
    total = Decimal(0)
    for item in cart.items:
        total += (item.product.price or 0) * item.product.quantity
    return total


def _within(at: int | None) -> int | None:
    return None if at is None else within_bounds(at)
