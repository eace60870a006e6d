"""A record of `events` as a row: the whole of it, and what reports ask for in columns."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from clickhouse.tables import EventRow, Line, within_bounds
from engine import keys
from engine.baseevent import BaseEvent
from engine.errors import RejectedError
from engine.events import KINDS, Event, Switched
from engine.products import Product
from engine.transactions import Transaction
from streams import wire
from streams.records import CAUSE_HEADER, Received

_decode: Final = msgspec.json.Decoder(Event | Switched).decode

_OF_EVERY: Final = frozenset(BaseEvent.__struct_fields__)

_WRITTEN_APART: Final = _OF_EVERY | {"lines", "custom", "updated_at"}

_SAME: Final[Mapping[type[BaseEvent], tuple[str, ...]]] = {
    kind: tuple(
        name
        for name in kind.__struct_fields__
        if name in EventRow._fields and name not in _WRITTEN_APART
    )
    for kind in KINDS
}
"""Fields that have a column of their own name, by type of event."""


def row_of(record: Received) -> EventRow:
    """Sort one event into its columns.

    Raises:
        RejectedError: no event we know, or bytes that are no text.
    """
    try:
        event = _decode(record.value or b"")
        key = (record.key or b"").decode()
        payload = (record.value or b"").decode()
        cause = record.headers.get(CAUSE_HEADER, b"").decode()
    except wire.UNDECODABLE as error:
        raise RejectedError("undecodable", str(error)) from error
    return EventRow(
        log_partition=record.partition,
        log_offset=record.offset,
        logged_at=within_bounds(record.logged_at),
        key=key,
        customer=keys.public_id(key) if key else "",
        kind=KINDS[type(event)],
        cause=cause,
        payload=payload,
        type=str(event.__struct_config__.tag),
        id=event.id,
        at=within_bounds(event.occurred_at),
        name=event.name,
        source=event.source,
        **_columns(event),
    )


def _columns(event: BaseEvent) -> dict[str, Any]:
    """What is absent stays away: the row's defaults say so."""
    columns = {
        name: value for name in _SAME[type(event)] if (value := getattr(event, name)) is not None
    }
    product: Product | None = getattr(event, "product", None)
    if product is not None:
        columns |= _of_product(product)
    products = getattr(event, "products", None) or getattr(event, "lines", None)
    if products:
        columns["lines"] = lines_of(products)
    if isinstance(event, Transaction):
        columns |= _of_transaction(event)
    return columns


def _of_transaction(event: Transaction) -> dict[str, Any]:
    return {
        "updated_at": within_bounds(event.updated_at),
        "custom": msgspec.json.encode(event.custom).decode(),
        "line_external_ids": tuple(line.external_id or "" for line in event.lines),
        "line_totals": tuple(line.total for line in event.lines),
    }


def _of_product(product: Product) -> dict[str, Any]:
    return {
        "product_id": product.id,
        "product_name": product.name or "",
        "category": product.category or "",
        "price": product.price,
        "quantity": product.quantity,
        "url": product.url or "",
    }


def lines_of(products: Sequence[Product]) -> tuple[Line, ...]:
    """The products of an order, a cart or a receipt."""
    return tuple(
        (product.id, product.name or "", product.category or "", product.price, product.quantity)
        for product in products
    )
