"""A customer as it goes out: the same shape from Redis, and, with less in it, from ClickHouse."""

import msgspec

from api.admin import answers
from clickhouse.queries.customers import StoredCustomer
from engine import carts
from engine.customer import Cart, Customer, Purchases
from engine.events import Subscriptions

UNKNOWN = None
"""Stands where nothing of us finds out yet: a contact's provider, a phone's operator."""


def customer(known: Customer, *, as_of: int) -> dict[str, object]:
    """From the row itself: everything that is known.

    Args:
        as_of: log time of what changed the row last, epoch ms: not a time that a source gave.
    """
    last_amount = known.receipts.last_amount
    return {
        "id": known.id,
        "attributes": known.attributes,
        "contacts": contacts(known.email, known.phone),
        "timezone": known.attributes.get("timezone"),
        "metrics": {
            "receipts_first_at": answers.time_or_none(known.receipts.first_at),
            "receipts_last_at": answers.time_or_none(known.receipts.last_at),
            "receipts_last_amount": None if last_amount is None else answers.money(last_amount),
            "receipts_count": known.receipts.count,
            "receipts_total": answers.money(known.receipts.total),
            "receipts_average": average(known.receipts),
            "orders_count": known.orders.count,
            "orders_total": answers.money(known.orders.total),
            "orders_average": average(known.orders),
            "currency": known.receipts.currency or known.orders.currency,
            "other_currencies": known.receipts.other_currencies_count
            + known.orders.other_currencies_count,
        },
        "subscriptions": known.subscriptions,
        "tags": [],
        "segments": [],
        "merged": [],
        "first_seen_at": answers.time_or_none(known.first_seen_at),
        "last_seen_at": answers.time_or_none(known.last_seen_at),
        "events_count": known.events_count,
        "as_of": answers.time(as_of),
    }


def stored(known: StoredCustomer) -> dict[str, object]:
    """From ClickHouse: what its view has; dates of receipts are null."""
    attributes = msgspec.json.decode(known.attributes or "{}", type=dict[str, object])
    receipts = Purchases(count=known.receipts_count, total=known.receipts_total)
    orders = Purchases(count=known.orders_count, total=known.orders_total)
    shape = customer(
        Customer(
            id=known.id,
            attributes=attributes,
            email=known.email or None,
            phone=known.phone or None,
            subscriptions=subscriptions(known),
            receipts=receipts,
            orders=orders,
            first_seen_at=known.first_seen_ms,
            last_seen_at=known.last_seen_ms,
            events_count=known.events_count,
        ),
        as_of=known.logged_ms,
    )
    metrics = msgspec.convert(shape["metrics"], dict[str, object])
    unknown = {"currency": known.currency or None, "other_currencies": None}
    return {**shape, "metrics": {**metrics, **unknown}}


def subscriptions(known: StoredCustomer) -> Subscriptions:
    """What ClickHouse has of consent."""
    return msgspec.json.decode(known.subscriptions or "{}", type=Subscriptions)


def contacts(email: str | None, phone: str | None) -> dict[str, object]:
    """Addresses by channel; whether they can be reached is not found out yet."""
    found: dict[str, object] = {}
    if email:
        found["email"] = {"value": email, "state": "unknown", "provider": UNKNOWN}
    if phone:
        found["phone"] = {
            "value": phone,
            "state": "unknown",
            "kind": UNKNOWN,
            "operator": UNKNOWN,
            "region": UNKNOWN,
        }
    return found


def average(purchases: Purchases) -> str | None:
    """Total by count, to the hundredth; nothing bought has no average."""
    if purchases.count <= 0:
        return None
    return f"{purchases.total / purchases.count:.2f}"


def cart(container: str, known: Cart) -> dict[str, object]:
    """A container with what is in it, as last changed."""
    return {
        "container": container,
        "items": [
            {**answers.fields(item.product), "added_at": answers.time(item.added_at)}
            for item in known.items
        ],
        "count": sum(item.product.quantity for item in known.items),
        "value": carts.value(known),
        "currency": known.currency,
        "changed_at": answers.time_or_none(known.changed_at or None),
    }
