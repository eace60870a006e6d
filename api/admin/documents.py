"""Receipts and orders as they go out; fields and columns of the settings choose among these names.

`items_count` is the number of pieces, `products_total` what they cost together; both are null
where there are no lines.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from api.admin import answers
from api.admin.paging import LATEST_MS
from clickhouse.queries.purchases import StoredOrder, StoredReceipt
from engine import customfields
from engine.customer import Customer
from engine.definitions.settings import CustomField, Settings
from engine.events import OrderCompleted, OrderUpdated
from engine.products import Line, Product
from engine.transactions import OrderPlaced, ReceiptIssued

PAID: Final = frozenset({"paid", "captured", "settled"})
"""Payment statuses that say so, in lower case; a receipt says so too."""

_receipt: Final = msgspec.json.Decoder(ReceiptIssued).decode
_order: Final = msgspec.json.Decoder(OrderPlaced | OrderCompleted | OrderUpdated).decode


def receipt(item: StoredReceipt, *, customer: str, settings: Settings) -> dict[str, object]:
    """A receipt or a return."""
    event, fields = _receipt(item.payload), settings.custom_fields
    return {
        **_booked(event, own=fields.receipt, of_lines=fields.receipt_line),
        "id": event.receipt_id,
        "customer_id": customer,
        "status": event.status,
        "payment_status": event.payment_status,
    }


def order(item: StoredOrder, *, customer: Customer, settings: Settings) -> dict[str, object]:
    """An order with the latest of each status; one with a receipt is paid."""
    event, fields = _order(item.payload), settings.custom_fields
    receipt_id = None
    if isinstance(event, OrderPlaced):
        receipt_id = event.receipt_id
        common = _booked(event, own=fields.order, of_lines=fields.order_line)
    else:
        common = _seen(event)
    return {
        **common,
        "id": item.id,
        "customer_id": customer.id,
        "customer_name": name(customer.attributes),
        "occurred_at": answers.time(item.at_ms),
        "status": item.status or None,
        "payment_status": item.payment_status or None,
        "delivery_status": item.delivery_status or None,
        "receipt_id": receipt_id,
        "is_paid": receipt_id is not None or item.payment_status.strip().lower() in PAID,
        "is_booked": isinstance(event, OrderPlaced),
    }


def name(attributes: Mapping[str, object]) -> str | None:
    """What to call a customer: the trait `name`, else first and last name."""
    whole = attributes.get("name")
    if isinstance(whole, str) and whole:
        return whole
    parts = (
        attributes.get(first) or attributes.get(second)
        for first, second in (("firstName", "first_name"), ("lastName", "last_name"))
    )
    return " ".join(str(part) for part in parts if part) or None


def _booked(
    event: ReceiptIssued | OrderPlaced,
    *,
    own: Sequence[CustomField],
    of_lines: Sequence[CustomField],
) -> dict[str, object]:
    return {
        "number": event.number,
        "occurred_at": answers.time(event.occurred_at),
        "updated_at": answers.time(min(event.updated_at, LATEST_MS)),
        "store_id": event.store_id,
        "store_name": event.store_name,
        "currency": event.currency,
        "total": answers.money(event.total),
        "shipping": None if event.shipping is None else answers.money(event.shipping),
        "source": event.source,
        "return_of": event.return_of,
        "custom": customfields.typed(event.custom, own),
        **_products(event.lines),
        "lines": [_line(line, of_lines) for line in event.lines],
    }


def _seen(event: OrderCompleted | OrderUpdated) -> dict[str, object]:
    """An order that only a tracker told of."""
    total = sum((_cost(product) for product in event.products), Decimal(0))
    return {
        "number": None,
        "updated_at": answers.time(event.occurred_at),
        "store_id": None,
        "store_name": None,
        "currency": event.currency,
        "total": answers.money(total if event.total is None else event.total),
        "shipping": None,
        "source": event.source,
        "return_of": None,
        "custom": {},
        **_products(event.products),
        "lines": [_line(product, ()) for product in event.products],
    }


def _products(lines: Sequence[Product]) -> dict[str, object]:
    if not lines:
        return {"lines_count": 0, "items_count": None, "products_total": None}
    return {
        "lines_count": len(lines),
        "items_count": sum(line.quantity for line in lines),
        "products_total": answers.money(sum((_cost(line) for line in lines), Decimal(0))),
    }


def _line(line: Product, declared: Sequence[CustomField]) -> dict[str, object]:
    booked = line if isinstance(line, Line) else None
    return {
        "product_id": line.id,
        "external_id": None if booked is None else booked.external_id,
        "name": line.name,
        "category": line.category,
        "quantity": line.quantity,
        "price": None if line.price is None else answers.money(line.price),
        "total": answers.money(_cost(line)),
        "custom": {} if booked is None else customfields.typed(booked.custom, declared),
    }


def _cost(line: Product) -> Decimal:
    if isinstance(line, Line) and line.total is not None:
        return line.total
    return (line.price or Decimal(0)) * line.quantity
