"""T02: a checkout that was begun and not brought to an end.

Each step moves the timer on, a purchase ends it. T01 keeps silent about the same cart
(`engine.triggers.carts`).
"""

from collections.abc import Iterator
from typing import Final

from engine import checkouts, durations, purchases
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.triggers.checkouts import CheckoutAbandoned
from engine.events import Tracked
from engine.reasons import Reason
from engine.triggers.machines import Arm, Began, Disarm, Machine, Outcome, Rung, Seen


def _follow(seen: Seen[CheckoutAbandoned]) -> Iterator[Outcome]:
    checkout, params = seen.customer.checkout, seen.trigger.params
    if not isinstance(seen.event, Tracked):
        if seen.before.checkout is not None and _is_completed(
            seen.trigger, seen.customer, seen.before.checkout.at
        ):
            yield Disarm()
        return
    is_step = seen.event.name.lower() in checkouts.NAMES and checkout is not None
    if is_step and checkout is not None and checkout.step >= params.from_step:
        yield Arm(checkout.at + durations.parse_ms(params.idle), is_latest=True)


def _rings(rung: Rung[CheckoutAbandoned]) -> Document | None:
    checkout, params = rung.customer.checkout, rung.trigger.params
    if checkout is None or checkout.step < params.from_step:
        return None
    if checkout.at + durations.parse_ms(params.idle) > rung.due_at:
        return None
    return {
        "checkout_id": checkout.checkout_id,
        "cart_id": checkout.cart_id,
        "step": checkout.step,
        "at": checkout.at,
    }


def _refusal(trigger: CheckoutAbandoned, customer: Customer, began: Began) -> Reason | None:
    at = began.at - durations.parse_ms(trigger.params.idle)
    return "completed" if _is_completed(trigger, customer, at) else None


def _is_completed(trigger: CheckoutAbandoned, customer: Customer, at: int) -> bool:
    return any(
        sums.last_at is not None and sums.last_at >= at
        for sums in purchases.completing(customer, trigger.params.completed_by)
    )


CHECKOUT: Final = Machine(_follow, _rings, _refusal)
