"""Purchases: receipts of the back office, orders of the back office and of trackers.

Each is upserted into a ledger (`engine.ledger`), and the sums are those of the ledger: whatever
the order of arrival, and however often, the same set gives the same sums.
"""

import functools
from collections.abc import Iterable
from typing import Final, TypeAlias, assert_never

import msgspec

from engine import carts
from engine.customer import Customer, Purchases
from engine.events import OrderCancelled, OrderCompleted, OrderRefunded, OrderUpdated
from engine.ledger import booking, entries, ledger, summing, visits
from engine.ledger.entries import Entry
from engine.ledger.ledger import Ledger
from engine.ledger.stores import Store, Visited
from engine.products import Product
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued

Purchase: TypeAlias = OrderCompleted | OrderPlaced | ReceiptIssued

PurchaseEvent: TypeAlias = (
    Purchase | OrderUpdated | OrderRefunded | OrderCancelled | OrderStatusChanged
)
"""All that changes the sums."""

CART: Final = "cart"

FEW: Final = 20
"""Entries that stay where a row has room for no more; 61 bytes each."""


def apply(customer: Customer, event: PurchaseEvent) -> Customer:  # noqa: PLR0911 one arm per event
    """Book the event, and take out of the cart what it sold."""
    match event:
        case OrderCompleted():
            return complete_order(customer, event)
        case OrderPlaced():
            return place_order(customer, event)
        case ReceiptIssued():
            return issue_receipt(customer, event)
        case OrderUpdated():
            return update_order(customer, event)
        case OrderRefunded():
            return _with_orders(customer, booking.refunded(event))
        case OrderCancelled():
            return _with_orders(customer, booking.cancelled(event))
        case OrderStatusChanged():
            return change_status(customer, event)
        case _:
            assert_never(event)


def complete_order(customer: Customer, event: OrderCompleted) -> Customer:
    """Count the order once, and take what it bought out of the cart."""
    changed = _with_orders(customer, booking.completed(event))
    return changed if is_repeated(event, customer) else _out_of_cart(changed, event)


def update_order(customer: Customer, event: OrderUpdated) -> Customer:
    """Note what the order is now; one that says neither total nor products changes nothing."""
    if event.total is None and not event.products:
        return customer
    return _with_orders(customer, booking.completed(event))


def place_order(customer: Customer, event: OrderPlaced) -> Customer:
    """Upsert an order of the back office, whose word goes before a tracker's."""
    changed = _with_orders(customer, booking.placed(event), booking.store_of(event))
    return changed if is_repeated(event, customer) else _sold(changed, event)


def change_status(customer: Customer, event: OrderStatusChanged) -> Customer:
    """Note the order's own status, which may cancel it; the other two change no sum."""
    if event.status is None:
        return customer
    return _with_orders(customer, booking.status_changed(event))


def issue_receipt(customer: Customer, event: ReceiptIssued) -> Customer:
    """Upsert a receipt or a return; what a receipt sold leaves the cart, once."""
    changed = ledger.put(receipts_of(customer), booking.issued(event), booking.store_of(event))
    kept = msgspec.structs.replace(customer, receipt_ledger=ledger.stored(changed))
    summed = _summed(kept, receipts=changed, orders=orders_of(customer))
    return summed if is_repeated(event, customer) else _sold(summed, event)


def joined(survivor: Customer, other: Customer) -> Customer:
    """The survivor with the purchases of both; the same receipt or order counts once."""
    receipts = ledger.joined(receipts_of(survivor), receipts_of(other))
    orders = ledger.joined(orders_of(survivor), orders_of(other))
    both = msgspec.structs.replace(
        survivor, receipt_ledger=ledger.stored(receipts), order_ledger=ledger.stored(orders)
    )
    return _summed(both, receipts=receipts, orders=orders)


def folded(customer: Customer) -> Customer:
    """The customer with the same sums, and few purchases that can still be corrected."""
    receipts = ledger.folded_to(receipts_of(customer), FEW)
    orders = ledger.folded_to(orders_of(customer), FEW)
    return msgspec.structs.replace(
        customer, receipt_ledger=ledger.stored(receipts), order_ledger=ledger.stored(orders)
    )


def stores(customer: Customer) -> list[Visited]:
    """Where the customer bought by receipt, most receipts first."""
    return visits.of(receipts_of(customer))


def receipts_of(customer: Customer) -> Ledger:
    """The ledger of receipts and returns."""
    return ledger.opened(customer.receipt_ledger, customer.receipts)


def orders_of(customer: Customer) -> Ledger:
    """The ledger of orders."""
    return ledger.opened(customer.order_ledger, customer.orders)


def bought(event: Purchase) -> tuple[Product, ...]:
    """The products of a purchase."""
    return event.products if isinstance(event, OrderCompleted) else event.lines


def is_purchase(event: Purchase) -> bool:
    """A return is none, and what was cancelled or given back from the start is none either."""
    if isinstance(event, OrderCompleted):
        return True
    is_active = entries.state_of(event.status) == entries.ACTIVE
    return is_active and not booking.is_return(event)


def is_repeated(event: Purchase, before: Customer) -> bool:
    """The purchase was known before: shown again, or corrected."""
    if isinstance(event, ReceiptIssued):
        return _is_known(before.receipt_ledger, event.receipt_id)
    return _is_known(before.order_ledger, event.order_id)


@functools.lru_cache(maxsize=1)
def _is_known(stored: bytes, source_id: str) -> bool:
    """The last answer is kept: every campaign asks for it."""
    known = ledger.opened(stored, Purchases())
    return ledger.is_known(known, entries.id_of(source_id))


def completing(customer: Customer, completed_by: str) -> tuple[Purchases, ...]:
    """The sums of the purchases that complete a cart, by a trigger's `completed_by`."""
    match completed_by:
        case "any":
            return customer.orders, customer.receipts
        case "receipt":
            return (customer.receipts,)
        case _:
            return (customer.orders,)


def is_before(event: Purchase, customer: Customer, container: str) -> bool:
    """The purchase is older than the oldest item: it was made before this cart was begun."""
    items = carts.container(customer, container).items
    return bool(items) and event.occurred_at < min(item.added_at for item in items)


def _with_orders(customer: Customer, entry: Entry, store: Store | None = None) -> Customer:
    changed = ledger.put(orders_of(customer), entry, store)
    kept = msgspec.structs.replace(customer, order_ledger=ledger.stored(changed))
    return _summed(kept, receipts=receipts_of(customer), orders=changed)


def _summed(customer: Customer, *, receipts: Ledger, orders: Ledger) -> Customer:
    """Both at once: one currency for a customer, and it may change with either."""
    received, ordered = receipts.sums, orders.sums
    currency = summing.currency_of(received) or summing.currency_of(ordered)
    return msgspec.structs.replace(
        customer,
        receipts=summing.purchases(received, currency),
        orders=summing.purchases(ordered, currency),
    )


def _sold(customer: Customer, event: OrderPlaced | ReceiptIssued) -> Customer:
    if not is_purchase(event) or is_before(event, customer, CART):
        return customer
    return carts.take_out(customer, CART, (line.id for line in event.lines if line.quantity > 0))


def _out_of_cart(customer: Customer, event: OrderCompleted) -> Customer:
    if is_before(event, customer, CART):
        return customer
    cart = carts.container(customer, CART)
    is_other = bool(event.cart_id and cart.cart_id and event.cart_id != cart.cart_id)
    if is_other:
        return carts.take_out(customer, CART, _ids(event.products))
    return carts.empty(customer, CART)


def _ids(products: Iterable[Product]) -> list[str]:
    return [product.id for product in products]
