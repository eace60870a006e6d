"""Receipts and orders: T13, T14, T16, T18, T19 by the event, T21 and T22 by days after it.

A correction or a repetition of what is known is no new purchase (`engine.purchases`).
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from engine import purchases
from engine.commands import Activated
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
from engine.triggers import dating, matching
from engine.triggers.machines import Arm, Disarm, Fire, Keep, Machine, Outcome, Rung, Seen


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
        and matching.is_listed(event.source, params.sources)
        and _has_lines(seen, event)
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
    wanted = (params.statuses, params.payment_statuses, params.delivery_statuses)
    said: tuple[str | None, ...] = (None, None, None)
    if isinstance(event, OrderPlaced):
        said = event.status, event.payment_status, event.delivery_status
    if all(map(matching.is_said, said, wanted)) and _has_lines(seen, event):
        yield Fire()


def _has_lines(
    seen: Seen[ReceiptCame] | Seen[OrderCreated] | Seen[SinceLastPurchase], event: Purchase
) -> bool:
    params = seen.trigger.params
    return matching.is_bought(
        purchases.bought(event),
        params.products,
        params.categories,
        catalogue=seen.definitions.catalogue,
    )


def _reversed(seen: Seen[OrderReversed]) -> Iterator[Outcome]:
    """T16: told by the sums, so that what was reversed already is not reversed again."""
    params, was, left = seen.trigger.params, seen.before.orders, seen.customer.orders
    is_full = left.count < was.count
    is_less = is_full or left.total < was.total
    if not is_less or _is_refund(seen.event) != (params.what == "refunded"):
        return
    if not matching.is_between(was.total - left.total, params.min_amount, params.max_amount):
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
    if params.products or params.categories:
        yield from _since_lines(seen)
        return
    was, now = _sums(seen.before, params.of), _sums(seen.customer, params.of)
    if now.count == 0 or now.last_at is None:
        if was.count:
            yield Disarm()
    elif (now.last_at, now.count) != (was.last_at, was.count):
        yield Arm(_since(seen, now.last_at))


def _since_lines(seen: Seen[SinceLastPurchase]) -> Iterator[Outcome]:
    """Of those lines: the sums do not know when, so what is taken back later moves nothing."""
    event = _new(seen.event, seen.before, seen.trigger.params.of)
    if event is not None and _has_lines(seen, event):
        yield Keep((max(event.occurred_at, *seen.note().times, 0),))
        yield Arm(_since(seen, event.occurred_at), is_latest=True)


def _since(asked: Seen[SinceLastPurchase] | Rung[SinceLastPurchase], since: int) -> int:
    params = asked.trigger.params
    return dating.due(params, since, days=params.days, zones=dating.zones(asked))


def _last_at(rung: Rung[SinceLastPurchase]) -> int | None:
    params = rung.trigger.params
    if params.products or params.categories:
        times = rung.note().times
        return times[-1] if times else None
    sums = _sums(rung.customer, params.of)
    return None if sums.count == 0 else sums.last_at


def _last(rung: Rung[SinceLastPurchase]) -> Document | None:
    last_at = _last_at(rung)
    if last_at is None or _since(rung, last_at) > rung.due_at:
        return None
    return {"last_at": last_at, "days": rung.trigger.params.days}


def _last_again(rung: Rung[SinceLastPurchase]) -> Iterator[Arm]:
    last_at = _last_at(rung)
    if last_at is not None:
        yield from dating.put_back(rung, _since(rung, last_at))


def _since_nth(seen: Seen[SinceNthPurchase]) -> Iterator[Outcome]:
    """T22."""
    params = seen.trigger.params
    before, after = _sums(seen.before, params.of), _sums(seen.customer, params.of)
    at = None
    if isinstance(seen.event, Activated):
        # Of those before the last and after the first nobody knows when they were.
        at = after.first_at if params.n == 1 else after.last_at
        at = at if after.count == params.n or (params.n == 1 and after.count) else None
    elif _new(seen.event, seen.before, params.of) is not None:
        at = seen.event.occurred_at if before.count < params.n <= after.count else None
    if at is not None:
        yield Arm(dating.due(params, at, days=params.days, zones=dating.zones(seen)))


def _nth(rung: Rung[SinceNthPurchase]) -> Document | None:
    params = rung.trigger.params
    stands = _sums(rung.customer, params.of).count >= params.n
    return {"n": params.n, "days": params.days} if stands else None


RECEIPT: Final = Machine(_receipt)
ORDER: Final = Machine(_order)
REVERSED: Final = Machine(_reversed)
ITEM: Final = Machine(_item)
CATEGORY: Final = Machine(_category)
SINCE_LAST: Final = Machine(_since_last, _last, again=_last_again)
SINCE_NTH: Final = Machine(_since_nth, _nth)
