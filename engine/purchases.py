"""Purchases: orders seen by the tracker, receipts of the back office; totals net of returns."""

from collections.abc import Iterable, Sequence
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

    Totals go down by a return, which is no receipt itself. A correction is first taken out of the
    sums, so its return must be known by what is stored of it: a return's total is negative there.
    """
    known = {receipt.receipt_id: receipt for receipt in customer.recent_receipts}
    before = known.pop(event.receipt_id, None)
    if before is not None and before.updated_at >= event.updated_at:
        return customer
    receipt = Receipt(
        receipt_id=event.receipt_id,
        updated_at=event.updated_at,
        occurred_at=event.occurred_at,
        total=event.total if is_purchase(event) else -abs(event.total),
        currency=event.currency,
        return_of=event.return_of,
    )
    others = tuple(known.values())
    sums = customer.receipts if before is None else _without(customer.receipts, before, others)
    changed = msgspec.structs.replace(
        customer,
        recent_receipts=(*others, receipt)[-RECEIPTS_MAX:],
        receipts=_with_receipt(sums, receipt),
    )
    if not is_purchase(event) or is_before(event, customer, CART):
        return changed
    return carts.take_out(changed, CART, (line.id for line in event.lines if line.quantity > 0))


def bought(event: OrderCompleted | ReceiptIssued) -> tuple[Product, ...]:
    """The products of a purchase."""
    return event.products if isinstance(event, OrderCompleted) else event.lines


def is_purchase(event: OrderCompleted | ReceiptIssued) -> bool:
    """A return is none: one that names its receipt, costs less than nothing or only gives back."""
    if isinstance(event, OrderCompleted):
        return True
    gives_back = bool(event.lines) and all(line.quantity < 0 for line in event.lines)
    return event.return_of is None and event.total >= 0 and not gives_back


def is_repeated(event: OrderCompleted | ReceiptIssued, before: Customer) -> bool:
    """The purchase was known before: shown again, or corrected."""
    if isinstance(event, OrderCompleted):
        return event.order_id in before.order_ids
    return any(known.receipt_id == event.receipt_id for known in before.recent_receipts)


def completing(customer: Customer, completed_by: str) -> tuple[Purchases, ...]:
    """The sums of the purchases that complete a cart, by a trigger's `completed_by`."""
    match completed_by:
        case "any":
            return customer.orders, customer.receipts
        case "receipt":
            return (customer.receipts,)
        case _:
            return (customer.orders,)


def is_before(event: OrderCompleted | ReceiptIssued, customer: Customer, container: str) -> bool:
    """The purchase is older than the oldest item: it was made before this cart was begun."""
    items = carts.container(customer, container).items
    return bool(items) and event.occurred_at < min(item.added_at for item in items)


def added(one: Purchases, other: Purchases) -> Purchases:
    """The purchases of two identities of one person; in another currency they count apart."""
    if _is_apart(one, other.currency):
        apart = other.count + other.other_currencies_count
        return msgspec.structs.replace(
            one, other_currencies_count=one.other_currencies_count + apart
        )
    last = max((one, other), key=lambda sums: -1 if sums.last_at is None else sums.last_at)
    firsts = [sums.first_at for sums in (one, other) if sums.first_at is not None]
    return Purchases(
        count=one.count + other.count,
        total=one.total + other.total,
        first_at=min(firsts, default=None),
        last_at=last.last_at,
        last_amount=last.last_amount,
        currency=one.currency or other.currency,
        other_currencies_count=one.other_currencies_count + other.other_currencies_count,
    )


def receipts_of_both(one: Customer, other: Customer) -> Purchases:
    """The sums of receipts; one that both remember counts as its newer writing says."""
    known = {receipt.receipt_id: receipt for receipt in one.recent_receipts}
    for receipt in other.recent_receipts:
        same = known.get(receipt.receipt_id)
        if same is not None and same.updated_at >= receipt.updated_at:
            other = _forgetting(other, receipt)
        elif same is not None:
            one = _forgetting(one, same)
    return added(one.receipts, other.receipts)


def _forgetting(customer: Customer, gone: Receipt) -> Customer:
    others = tuple(known for known in customer.recent_receipts if known is not gone)
    return msgspec.structs.replace(
        customer, recent_receipts=others, receipts=_without(customer.receipts, gone, others)
    )


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
    if _is_apart(sums, currency):
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
    if _is_sale(receipt):
        return _with(sums, receipt.total, receipt.currency, occurred_at=receipt.occurred_at)
    if _is_apart(sums, receipt.currency):
        return msgspec.structs.replace(sums, other_currencies_count=sums.other_currencies_count + 1)
    return msgspec.structs.replace(
        sums, total=sums.total - abs(receipt.total), currency=sums.currency or receipt.currency
    )


def _without(sums: Purchases, gone: Receipt, others: Sequence[Receipt]) -> Purchases:
    if _is_apart(sums, gone.currency):
        return msgspec.structs.replace(sums, other_currencies_count=sums.other_currencies_count - 1)
    if not _is_sale(gone):
        return msgspec.structs.replace(sums, total=sums.total + abs(gone.total))
    sales = [one for one in others if _is_sale(one) and not _is_apart(sums, one.currency)]
    return _redated(
        msgspec.structs.replace(sums, count=sums.count - 1, total=sums.total - gone.total),
        gone,
        sorted(sales, key=lambda sale: sale.occurred_at),
    )


def _redated(sums: Purchases, gone: Receipt, sales: Sequence[Receipt]) -> Purchases:
    """Find the first and the last anew, among the sales remembered, where `gone` was it."""
    if gone.occurred_at == sums.first_at:
        sums = msgspec.structs.replace(sums, first_at=sales[0].occurred_at if sales else None)
    if gone.occurred_at != sums.last_at:
        return sums
    last = sales[-1] if sales else None
    return msgspec.structs.replace(
        sums,
        last_at=None if last is None else last.occurred_at,
        last_amount=None if last is None else last.total,
    )


def _is_sale(receipt: Receipt) -> bool:
    return receipt.return_of is None and receipt.total >= 0


def _is_apart(sums: Purchases, currency: str | None) -> bool:
    return bool(currency and sums.currency and currency != sums.currency)
