"""Purchases: orders seen by the tracker, receipts of the back office; totals net of returns."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from engine import carts
from engine.customer import RECEIPTS_MAX, Customer, Purchases, Receipt
from engine.events import OrderCompleted, ReceiptIssued
from engine.products import Product

ORDER_IDS_MAX: Final = 50
"""Orders remembered, so that one sent again counts once; about 20 bytes each."""

CART: Final = "cart"


def complete_order(customer: Customer, event: OrderCompleted) -> Customer:
    """Count the order once, and take what it bought out of the cart."""
    if event.order_id in customer.order_ids:
        return customer
    counted = msgspec.structs.replace(
        customer,
        order_ids=(*customer.order_ids, event.order_id)[-ORDER_IDS_MAX:],
        orders=_with(
            customer.orders, order_total(event), event.currency, occurred_at=event.occurred_at
        ),
    )
    return _out_of_cart(counted, event)


def order_total(event: OrderCompleted) -> Decimal:
    """As the source says, else price times quantity of its products."""
    if event.total is not None:
        return event.total
    return sum(
        (
            product.price * product.quantity
            for product in event.products
            if product.price is not None
        ),
        Decimal(0),
    )


def issue_receipt(customer: Customer, event: ReceiptIssued) -> Customer:
    """Upsert by receipt id: the newest by source time counts, and only once.

    Totals go down by a return, which is no receipt itself; sums are rebuilt from the receipts
    still remembered, plus what older ones left behind.
    """
    known = {receipt.receipt_id: receipt for receipt in customer.recent_receipts}
    before = known.get(event.receipt_id)
    if before is not None and before.updated_at >= event.updated_at:
        return customer
    receipt = Receipt(
        receipt_id=event.receipt_id,
        updated_at=event.updated_at,
        occurred_at=event.occurred_at,
        total=event.total,
        currency=event.currency,
        return_of=event.return_of,
    )
    sums = customer.receipts if before is None else _without(customer.receipts, before)
    known.pop(event.receipt_id, None)
    changed = msgspec.structs.replace(
        customer,
        recent_receipts=(*known.values(), receipt)[-RECEIPTS_MAX:],
        receipts=_with_receipt(sums, receipt),
    )
    return carts.take_out(changed, CART, (line.id for line in event.lines if line.quantity > 0))


def bought(event: OrderCompleted | ReceiptIssued) -> tuple[Product, ...]:
    """The products of a purchase."""
    return event.products if isinstance(event, OrderCompleted) else event.lines


def is_purchase(event: OrderCompleted | ReceiptIssued) -> bool:
    """A return is none."""
    if isinstance(event, OrderCompleted):
        return True
    return event.return_of is None and event.total >= 0


def is_before(event: OrderCompleted | ReceiptIssued, customer: Customer, container: str) -> bool:
    """The purchase is older than the oldest item: it was made before this cart was begun."""
    items = carts.container(customer, container).items
    return bool(items) and event.occurred_at < min(item.added_at for item in items)


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


def _with(sums: Purchases, total: Decimal, currency: str | None, *, occurred_at: int) -> Purchases:
    if currency and sums.currency and currency != sums.currency:
        return msgspec.structs.replace(sums, other_currencies_count=sums.other_currencies_count + 1)
    is_last = sums.last_at is None or occurred_at >= sums.last_at
    return msgspec.structs.replace(
        sums,
        count=sums.count + 1,
        total=sums.total + total,
        first_at=occurred_at if sums.first_at is None else min(sums.first_at, occurred_at),
        last_at=occurred_at if is_last else sums.last_at,
        last_amount=total if is_last else sums.last_amount,
        currency=sums.currency or currency,
    )


def _with_receipt(sums: Purchases, receipt: Receipt) -> Purchases:
    if receipt.return_of is None and receipt.total >= 0:
        return _with(sums, receipt.total, receipt.currency, occurred_at=receipt.occurred_at)
    if receipt.currency and sums.currency and receipt.currency != sums.currency:
        return msgspec.structs.replace(sums, other_currencies_count=sums.other_currencies_count + 1)
    return msgspec.structs.replace(sums, total=sums.total - abs(receipt.total))


def _without(sums: Purchases, receipt: Receipt) -> Purchases:
    if receipt.currency and sums.currency and receipt.currency != sums.currency:
        return msgspec.structs.replace(sums, other_currencies_count=sums.other_currencies_count - 1)
    if receipt.return_of is None and receipt.total >= 0:
        return msgspec.structs.replace(sums, count=sums.count - 1, total=sums.total - receipt.total)
    return msgspec.structs.replace(sums, total=sums.total + abs(receipt.total))
