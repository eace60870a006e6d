"""Receipts and orders of the back office, as events."""

from decimal import Decimal
from typing import Final

import msgspec

from engine.baseevent import BaseEvent
from engine.products import Line

_NOTHING: Final = msgspec.Raw(b"{}")


class Transaction(BaseEvent, frozen=True, kw_only=True, omit_defaults=True):
    """What receipts and orders of the back office have in common; upserted by `updated_at`."""

    updated_at: int
    """Source time of this version, epoch ms: the latest stands, in whatever order they come."""
    total: Decimal
    currency: str | None = None
    return_of: str | None = None
    lines: tuple[Line, ...] = ()
    number: str | None = None
    status: str | None = None
    payment_status: str | None = None
    store_id: str | None = None
    store_name: str | None = None
    shipping: Decimal | None = None
    """Cost of delivery."""
    custom: dict[str, str | int | float | bool | None] = msgspec.field(default_factory=dict)
    """Fields of the shop's own."""
    shows: tuple[str, ...] = ()
    """Row keys of the identifiers named beside the customer's id: whose they are is shown."""
    properties: msgspec.Raw = _NOTHING
    """The whole object as it came."""


class ReceiptIssued(
    Transaction, frozen=True, kw_only=True, omit_defaults=True, tag="receipt_issued"
):
    """A purchase or a return, by the back office."""

    receipt_id: str


class OrderPlaced(Transaction, frozen=True, kw_only=True, omit_defaults=True, tag="order_placed"):
    """A request for products or services, by the back office; what was sold is the receipt's."""

    order_id: str
    delivery_status: str | None = None
    receipt_id: str | None = None
    """The receipt it came to: an order with one is paid."""


class OrderStatusChanged(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="order_status_changed"
):
    """Some of the three statuses of an order, each by its own time: `occurred_at`."""

    order_id: str
    status: str | None = None
    payment_status: str | None = None
    delivery_status: str | None = None
    properties: msgspec.Raw = _NOTHING
    """The whole object as it came."""
