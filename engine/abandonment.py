"""T01, the abandoned cart: a filled container that nobody touched for `idle`.

An add arms a timer at its own time plus `idle`; a later add moves it on, never back; a purchase, or
the last item taken out, cancels it. When the timer fires the cart is looked at again.
"""

from collections.abc import Iterator

from engine import campaigns, carts, durations, purchases
from engine.campaigns import Firing
from engine.customer import Cart, Customer
from engine.definitions.folded import Definitions, LiveTrigger
from engine.effects import CancelTimer, Effect, ScheduleTimer
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    OrderCompleted,
    TimerFired,
)
from engine.purchases import Purchase
from engine.transactions import ReceiptIssued

CartChange = CartItemAdded | CartItemRemoved | CartReplaced


def arm(
    customer: Customer, event: CartChange, definitions: Definitions, *, before: Customer, now: int
) -> list[Effect]:
    """Set or cancel the timers of every trigger on this container.

    What came about before the newest item was added arms nothing: that item did, and its timer
    may have fired already.
    """
    effects: list[Effect] = []
    filled = bool(carts.container(customer, event.container).items)
    is_old_news = event.occurred_at < _newest_at(carts.container(before, event.container))
    for live in _watching(definitions, event.container):
        timer_id = _timer_id(live)
        if not filled:
            effects.append(CancelTimer(timer_id=timer_id))
        elif is_old_news or not _resets(live, event):
            continue
        elif not _is_late(live, event.occurred_at, now=now):
            due_at = event.occurred_at + durations.parse_ms(live.trigger.params.idle)
            effects.append(ScheduleTimer(timer_id=timer_id, due_at=due_at, is_latest=True))
    return effects


def complete(before: Customer, event: Purchase, definitions: Definitions) -> list[Effect]:
    """Cancel the timers that this purchase completes; `before` has the cart as it was."""
    if not purchases.is_purchase(event) or purchases.is_repeated(event, before):
        return []
    return [
        CancelTimer(timer_id=_timer_id(live))
        for live in definitions.triggers
        if _completes(live, event, before)
    ]


def fire(
    customer: Customer, event: TimerFired, definitions: Definitions, *, now: int
) -> tuple[Customer, list[Effect]]:
    """Let the customer in if the campaign still runs and the container is still filled."""
    for live in definitions.triggers:
        if _timer_id(live) != event.timer_id:
            continue
        if not carts.container(customer, live.trigger.params.container).items:
            return customer, []
        return campaigns.enter(
            customer, Firing(live=live, due_at=event.occurred_at, now=now), definitions
        )
    return customer, []


def _watching(definitions: Definitions, container: str) -> Iterator[LiveTrigger]:
    return (live for live in definitions.triggers if live.trigger.params.container == container)


def _newest_at(cart: Cart) -> int:
    return max((item.added_at for item in cart.items), default=0)


def _timer_id(live: LiveTrigger) -> str:
    return f"T01:{live.campaign.id}:{live.trigger.id}"


def _resets(live: LiveTrigger, event: CartChange) -> bool:
    return live.trigger.params.reset_on == "any_change" or isinstance(
        event, CartItemAdded | CartReplaced
    )


def _is_late(live: LiveTrigger, occurred_at: int, *, now: int) -> bool:
    return now - occurred_at > durations.parse_ms(live.trigger.max_lateness)


def _completes(live: LiveTrigger, event: Purchase, customer: Customer) -> bool:
    params = live.trigger.params
    if not _counts(params.completed_by, event):
        return False
    if purchases.is_before(event, customer, params.container):
        return False
    if params.match == "any_purchase":
        return True
    return _is_same_cart(carts.container(customer, params.container), event)


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
