"""A record of the customers' changelog as a row of ClickHouse."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from agents.mirror import counters, metrics, reach, standing
from clickhouse import searching
from clickhouse.tables import CustomerRow, within_bounds
from engine import keys, memberships
from engine.customer import Cart, Customer
from engine.errors import RejectedError
from engine.lists import tags
from engine.rows import Row
from streams.records import Received
from tables import rows

CART = "cart"

_NOTHING: Final = dict.fromkeys(
    ("search", "first_name", "last_name", "gender", "birthday", "city", "address"), ""
)


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
    return _flat(record, header, row, key=key)


def _flat(record: Received, header: rows.Header, row: Row, *, key: str) -> CustomerRow:
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
        row=_stub(header, row) if row.erasure else record.value or b"",
        is_erased=header.flags & rows.ERASED > 0,
        forward=keys.public_id(row.forward) if row.forward else "",
        **(_NOTHING if header.flags & rows.ERASED else _personal(customer)),
        **metrics.columns(customer),
        tags=list(tags.assigned(customer.tags)),
        bonuses_active=None if customer.loyalty is None else customer.loyalty.active,
        bonuses_pending=None if customer.loyalty is None else customer.loyalty.pending,
        standing=standing.text(customer),
        **reach.columns(customer),
        source=customer.source,
        tallies=counters.cells(customer.tallies),
        segments=memberships.segments(customer.segments),
        segments_at=customer.segments.judged_at,
    )


def _stub(header: rows.Header, row: Row) -> bytes:
    """Without what it is still to tell: an older write stays on the disk until a merge."""
    bare = msgspec.structs.replace(row, outbox=[])
    return rows.encode(bare, epoch=header.epoch, version=header.version, offset=header.offset)


def _personal(customer: Customer) -> dict[str, str]:
    """What lists are searched and filtered by; a shop's trait may be of any type."""
    told = customer.attributes
    first, last = _said(told, "first_name", "firstName"), _said(told, "last_name", "lastName")
    names = [_said(told, "name"), first, last] if not (first or last) else [first, last]
    address = told.get("address")
    parts = address if isinstance(address, dict) else {"address": address}
    return {
        "search": searching.text(
            identifier=customer.id,
            email=customer.email or "",
            phone=customer.phone or "",
            names=names,
        ),
        "first_name": first,
        "last_name": last,
        "gender": _said(told, "gender"),
        "birthday": _said(told, "birthday", "birth_date", "birthDate", "date_of_birth"),
        "city": _said(told, "city") or _said(parts, "city"),
        "address": ", ".join(text for name in parts if (text := _said(parts, name))),
    }


def _said(traits: Mapping[str, object], *names: str) -> str:
    """The first of these that is a text or a number."""
    for name in names:
        value = traits.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value).strip()
    return ""


def _currency(customer: Customer) -> str:
    return customer.orders.currency or customer.receipts.currency or ""


def _value(cart: Cart) -> Decimal:
    total = Decimal(0)
    for item in cart.items:
        total += (item.product.price or 0) * item.product.quantity
    return total


def _within(at: int | None) -> int | None:
    return None if at is None else within_bounds(at)
