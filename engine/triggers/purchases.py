"""Receipts and orders: T13, T14, T16, T18, T19 by the event, T21 and T22 by days after it.

A correction or a repetition of what is known is no new purchase (`engine.purchases`).
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from engine import purchases
from engine.conditions.evaluation import Document
from engine.customer import Customer, Purchases
from engine.definitions.triggers.purchases import (
    CategoryPurchased,
    Deal,
    ItemPurchased,
    OrderCreated,
    OrderReversed,
    ReceiptCame,
    SinceLastPurchase,
    SinceNthPurchase,
)
from engine.events import Event, OrderCompleted, OrderRefunded
from engine.products import Product
from engine.purchases import Purchase
from engine.transactions import OrderPlaced, ReceiptIssued
from engine.triggers import matching
from engine.triggers.machines import DAY_MS, Arm, Disarm, Fire, Machine, Outcome, Rung, Seen


def _sums(customer: Customer, of: Deal) -> Purchases:
    return customer.receipts if of == "receipt" else customer.orders


def _new(event: Event, before: Customer, of: Deal) -> Purchase | None:
    """The purchase, if the event is one of this kind that was not known before."""
    if not isinstance(event, ReceiptIssued | OrderCompleted | OrderPlaced):
        return None
    if isinstance(event, ReceiptIssued) != (of == "receipt"):
        return None
    is_new = purchases.is_purchase(event) and not purchases.is_repeated(event, before)
    return event if is_new else None


def _total(event: Purchase) -> Decimal:
    return matching.value(purchases.bought(event)) if event.total is None else event.total


def _receipt(seen: Seen[ReceiptCame]) -> Iterator[Outcome]:
    """T13."""
    params, event = seen.trigger.params, _new(seen.event, seen.before, "receipt")
    count = seen.customer.receipts.count
    if (
        isinstance(event, ReceiptIssued)
        and matching.is_listed(event.store_id, params.stores)
        and matching.is_between(event.total, params.min_amount, params.max_amount)
        and (not params.first_only or count == 1)
        and params.nth_purchase in {None, count}
    ):
        yield Fire()


def _order(seen: Seen[OrderCreated]) -> Iterator[Outcome]:
    """T14."""
    params, event = seen.trigger.params, _new(seen.event, seen.before, "order")
    if event is None or not matching.is_between(
        _total(event), params.min_amount, params.max_amount
    ):
        return
    status = event.status if isinstance(event, OrderPlaced) else None
    wanted = [one.casefold() for one in params.statuses]
    if matching.is_listed(None if status is None else status.casefold(), wanted):
        yield Fire()


def _reversed(seen: Seen[OrderReversed]) -> Iterator[Outcome]:
    """T16: told by the sums, so that what was reversed already is not reversed again."""
    params, was, left = seen.trigger.params, seen.before.orders, seen.customer.orders
    is_full = left.count < was.count
    is_less = is_full or left.total < was.total
    if not is_less or _is_refund(seen.event) != (params.what == "refunded"):
        return
    is_wanted = {"any": True, "full": is_full, "partial": not is_full}[params.partial]
    if is_full if params.what == "cancelled" else is_wanted:
        yield Fire()


def _is_refund(event: Event) -> bool:
    """A correction that makes an order cheaper is none either."""
    if isinstance(event, OrderRefunded):
        return True
    return isinstance(event, OrderPlaced) and event.return_of is not None


def _lines(
    seen: Seen[ItemPurchased] | Seen[CategoryPurchased], is_wanted: Callable[[Product], bool]
) -> bool:
    event = _new(seen.event, seen.before, seen.trigger.params.of)
    return event is not None and any(map(is_wanted, purchases.bought(event)))


def _item(seen: Seen[ItemPurchased]) -> Iterator[Outcome]:
    """T18."""
    params = seen.trigger.params
    if _lines(
        seen, lambda line: line.id in params.products and line.quantity >= params.min_quantity
    ):
        yield Fire()


def _category(seen: Seen[CategoryPurchased]) -> Iterator[Outcome]:
    """T19."""
    params, catalogue = seen.trigger.params, seen.definitions.catalogue
    if _lines(
        seen,
        lambda line: (
            line.quantity > 0
            and matching.is_within(
                catalogue.category_of(line),
                params.categories,
                catalogue,
                deep=params.include_children,
            )
            and matching.is_between(line.price, params.min_price, params.max_price)
        ),
    ):
        yield Fire()


def _since_last(seen: Seen[SinceLastPurchase]) -> Iterator[Outcome]:
    """T21: what changes the last purchase moves the timer, forth and back."""
    params = seen.trigger.params
    was, now = _sums(seen.before, params.of), _sums(seen.customer, params.of)
    if now.count == 0 or now.last_at is None:
        if was.count:
            yield Disarm()
    elif (now.last_at, now.count) != (was.last_at, was.count):
        yield Arm(now.last_at + params.days * DAY_MS)


def _last(rung: Rung[SinceLastPurchase]) -> Document | None:
    params = rung.trigger.params
    sums = _sums(rung.customer, params.of)
    if sums.count == 0 or sums.last_at is None:
        return None
    is_over = sums.last_at + params.days * DAY_MS <= rung.due_at
    return {"last_at": sums.last_at, "days": params.days} if is_over else None


def _since_nth(seen: Seen[SinceNthPurchase]) -> Iterator[Outcome]:
    """T22."""
    params = seen.trigger.params
    before, after = _sums(seen.before, params.of).count, _sums(seen.customer, params.of).count
    if _new(seen.event, seen.before, params.of) is not None and before < params.n <= after:
        yield Arm(seen.event.occurred_at + params.days * DAY_MS)


def _nth(rung: Rung[SinceNthPurchase]) -> Document | None:
    params = rung.trigger.params
    stands = _sums(rung.customer, params.of).count >= params.n
    return {"n": params.n, "days": params.days} if stands else None


RECEIPT: Final = Machine(_receipt)
ORDER: Final = Machine(_order)
REVERSED: Final = Machine(_reversed)
ITEM: Final = Machine(_item)
CATEGORY: Final = Machine(_category)
SINCE_LAST: Final = Machine(_since_last, _last)
SINCE_NTH: Final = Machine(_since_nth, _nth)
