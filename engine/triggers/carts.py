"""T01, the abandoned cart: a filled container that nobody touched for `idle`.

An add arms a timer at its own time plus `idle`; a later add moves it on, never back; a purchase, or
the last item taken out, cancels it. When the timer fires the cart is looked at again, and once
more before each message.
"""

from collections.abc import Iterator
from typing import Final

from engine import carts, durations, purchases
from engine.conditions.evaluation import Document
from engine.customer import Cart, Customer
from engine.definitions.triggers import AbandonmentParams, CartAbandoned
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    OrderCompleted,
)
from engine.facts import Reason
from engine.purchases import Purchase
from engine.transactions import OrderPlaced, ReceiptIssued
from engine.triggers.machines import Arm, Disarm, Machine, Outcome, Rung, Seen

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
    name = rung.trigger.params.container
    cart = carts.container(rung.customer, name)
    return {"container": name, "cart_id": cart.cart_id} if cart.items else None


def _refusal(trigger: CartAbandoned, customer: Customer, caused_at: int) -> Reason | None:
    params = trigger.params
    is_empty = not carts.container(customer, params.container).items
    return "completed" if is_empty or _is_completed(customer, params, caused_at) else None


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


MACHINE: Final = Machine(_follow, _rings, _refusal)
