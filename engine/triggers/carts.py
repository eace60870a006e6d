"""Containers: T01 abandoned, T07 something waiting in one, T08 something put in or taken out.

T01: an add arms a timer at its own time plus `idle`; a later add moves it on, never back; a
purchase, or the last item taken out, cancels it. When it fires the cart is looked at again, and
once more before each message.
"""

from collections.abc import Iterator
from typing import Final

from engine import carts, checkouts, durations, purchases
from engine.conditions.evaluation import Document
from engine.customer import Cart, Customer
from engine.definitions.triggers.carts import (
    AbandonmentParams,
    CartAbandoned,
    ContainerChanged,
    ItemWaiting,
)
from engine.definitions.triggers.checkouts import CheckoutAbandoned
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    OrderCompleted,
)
from engine.purchases import Purchase
from engine.reasons import Reason
from engine.transactions import OrderPlaced, ReceiptIssued
from engine.triggers import matching
from engine.triggers.machines import Arm, Began, Disarm, Fire, Machine, Outcome, Rung, Seen

CartChange = CartItemAdded | CartItemRemoved | CartReplaced


def _follow(seen: Seen[CartAbandoned]) -> Iterator[Outcome]:
    match seen.event:
        case CartItemAdded() | CartItemRemoved() | CartReplaced():
            yield from _changed(seen, seen.event)
        case OrderCompleted() | OrderPlaced() | ReceiptIssued():
            if _completes(seen, seen.event):
                yield Disarm()


def _changed(seen: Seen[CartAbandoned], event: CartChange) -> Iterator[Outcome]:
    """Arm by what is newer than the newest item: that one's timer may have fired already."""
    params = seen.trigger.params
    if event.container != params.container:
        return
    if not carts.container(seen.customer, params.container).items:
        yield Disarm()
        return
    is_old_news = event.occurred_at < _newest_at(carts.container(seen.before, params.container))
    resets = params.reset_on == "any_change" or not isinstance(event, CartItemRemoved)
    if resets and not is_old_news:
        yield Arm(event.occurred_at + durations.parse_ms(params.idle), is_latest=True)


def _rings(rung: Rung[CartAbandoned]) -> Document | None:
    params = rung.trigger.params
    cart = carts.container(rung.customer, params.container)
    is_enough = (
        len(cart.items) >= params.min_items
        and matching.is_between(carts.value(cart), params.min_value, None)
        and params.currency in {None, cart.currency}
    )
    if not is_enough or (params.container == carts.CART and _is_checked_out(rung, cart)):
        return None
    return {"container": params.container, "cart_id": cart.cart_id}


def _is_checked_out(rung: Rung[CartAbandoned], cart: Cart) -> bool:
    """T02 has spoken for this cart since it was touched, or is about to."""
    checkout = rung.customer.checkout
    if checkout is None or not checkouts.is_of(checkout, cart):
        return False
    for live in rung.definitions.triggers:
        if isinstance(live.trigger, CheckoutAbandoned):
            params = live.trigger.params
            is_pending = checkout.at + durations.parse_ms(params.idle) > rung.due_at
            is_last = checkout.at >= _newest_at(cart)
            if checkout.step >= params.from_step and (is_pending or is_last):
                return True
    return False


def _refusal(trigger: CartAbandoned, customer: Customer, began: Began) -> Reason | None:
    params = trigger.params
    is_empty = not carts.container(customer, params.container).items
    return "completed" if is_empty or _is_completed(customer, params, began.at) else None


def _is_completed(customer: Customer, params: AbandonmentParams, caused_at: int) -> bool:
    """A purchase came to be known after the last add; of the same cart, the cart alone tells."""
    if params.match == "same_cart":
        return False
    armed_at = caused_at - durations.parse_ms(params.idle)
    return any(
        sums.last_at is not None and sums.last_at > armed_at
        for sums in purchases.completing(customer, params.completed_by)
    )


def _newest_at(cart: Cart) -> int:
    return max((item.added_at for item in cart.items), default=0)


def _completes(seen: Seen[CartAbandoned], event: Purchase) -> bool:
    params, before = seen.trigger.params, seen.before
    if not purchases.is_purchase(event) or purchases.is_repeated(event, before):
        return False
    if not _counts(params.completed_by, event):
        return False
    if purchases.is_before(event, before, params.container):
        return False
    if params.match == "any_purchase":
        return True
    return _is_same_cart(carts.container(before, params.container), event)


def _counts(completed_by: str, event: Purchase) -> bool:
    match completed_by:
        case "any":
            return True
        case "receipt":
            return isinstance(event, ReceiptIssued)
        case _:
            return not isinstance(event, ReceiptIssued)


def _is_same_cart(cart: Cart, event: Purchase) -> bool:
    if isinstance(event, OrderCompleted) and event.cart_id and event.cart_id == cart.cart_id:
        return True
    return carts.covers(purchases.bought(event), cart)


def _waits(seen: Seen[ItemWaiting]) -> Iterator[Outcome]:
    """T07: by the first item whose time is yet to come; those before it were looked at then."""
    params = seen.trigger.params
    if not isinstance(seen.event, CartItemAdded | CartItemRemoved | CartReplaced):
        is_touched = seen.before.containers.get(params.container) != seen.customer.containers.get(
            params.container
        )
    else:
        is_touched = seen.event.container == params.container
    if not is_touched:
        return
    after_ms = durations.parse_ms(params.after)
    items = carts.container(seen.customer, params.container).items
    ahead = [item.added_at + after_ms for item in items if item.added_at + after_ms > seen.now]
    yield Arm(min(ahead)) if ahead else Disarm()


def _waited(rung: Rung[ItemWaiting]) -> Document | None:
    params = rung.trigger.params
    since = rung.due_at - durations.parse_ms(params.after)
    items = carts.container(rung.customer, params.container).items
    waiting = [item.product.id for item in items if item.added_at <= since]
    return {"container": params.container, "products": waiting} if waiting else None


def _touched(seen: Seen[ContainerChanged]) -> Iterator[Outcome]:
    """T08."""
    event, params = seen.event, seen.trigger.params
    wanted = CartItemAdded if params.action == "added" else CartItemRemoved
    if not isinstance(event, CartItemAdded | CartItemRemoved) or not isinstance(event, wanted):
        return
    catalogue = seen.definitions.catalogue
    if (
        event.container == params.container
        and matching.is_listed(event.product.id, params.products)
        and matching.is_within(catalogue.category_of(event.product), params.categories, catalogue)
        and matching.is_between(matching.value([event.product]), params.min_value, None)
    ):
        yield Fire()


def _next(rung: Rung[ItemWaiting]) -> Iterator[Arm]:
    """The items that came after those whose time is over."""
    after_ms = durations.parse_ms(rung.trigger.params.after)
    items = carts.container(rung.customer, rung.trigger.params.container).items
    ahead = [item.added_at + after_ms for item in items if item.added_at + after_ms > rung.due_at]
    if ahead:
        yield Arm(min(ahead))


ABANDONED: Final = Machine(_follow, _rings, _refusal)
WAITING: Final = Machine(_waits, _waited, again=_next)
CHANGED: Final = Machine(_touched)
