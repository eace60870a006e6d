"""T15, an order's status became another, and T17, its payment takes too long.

What is compared is what stands before and after the event, each by the source's own time: news
that came late and says nothing new changes nothing.
"""

from collections.abc import Iterator
from typing import Final

from engine import durations
from engine.conditions.evaluation import Document
from engine.customer import Customer, OrderStatuses, Standing
from engine.definitions.triggers.orders import PaymentPending, StatusChanged
from engine.events import OrderCancelled
from engine.ledger import entries
from engine.reasons import Reason
from engine.transactions import OrderPlaced, OrderStatusChanged
from engine.triggers.machines import Arm, Began, Disarm, Fire, Machine, Outcome, Rung, Seen


def _statuses(customer: Customer, order_id: str) -> OrderStatuses:
    return customer.order_statuses.get(order_id, OrderStatuses())


def _order_id(seen: Seen[StatusChanged] | Seen[PaymentPending]) -> str | None:
    if isinstance(seen.event, OrderPlaced | OrderStatusChanged | OrderCancelled):
        return seen.event.order_id
    return None


def _watched(trigger: StatusChanged, customer: Customer, order_id: str) -> Standing | None:
    statuses = _statuses(customer, order_id)
    by_field = {
        "general": statuses.general,
        "payment": statuses.payment,
        "delivery": statuses.delivery,
    }
    return by_field[trigger.params.field]


def _changed(seen: Seen[StatusChanged]) -> Iterator[Outcome]:
    """T15."""
    params, order_id = seen.trigger.params, _order_id(seen)
    if order_id is None:
        return
    was = _watched(seen.trigger, seen.before, order_id)
    now = _watched(seen.trigger, seen.customer, order_id)
    if now is None or (was is not None and _same(was.value, now.value)):
        return
    # The first word of a status is a change to it, but from nothing.
    is_first = was is None and (params.before is not None or params.after is None)
    is_from = params.before is None or (was is not None and _same(was.value, params.before))
    is_to = params.after is None or _same(now.value, params.after)
    if is_first or not is_from or not is_to:
        if params.dwell is not None:
            yield Disarm(order_id)
    elif params.dwell is None:
        yield Fire()
    else:
        yield Arm(now.at + durations.parse_ms(params.dwell), name=order_id)


def _stayed(rung: Rung[StatusChanged]) -> Document | None:
    standing = _watched(rung.trigger, rung.customer, rung.name)
    if standing is None:
        return None
    params = rung.trigger.params
    return {
        "order_id": rung.name,
        "field": params.field,
        "status": standing.value,
        "since": standing.at,
    }


def _payment(seen: Seen[PaymentPending]) -> Iterator[Outcome]:
    """T17."""
    order_id = _order_id(seen)
    if order_id is None:
        return
    was, now = (
        _pending(seen.trigger, seen.before, order_id),
        _pending(seen.trigger, seen.customer, order_id),
    )
    if now is None:
        if was is not None:
            yield Disarm(order_id)
    elif was is None:
        yield Arm(now.at + durations.parse_ms(seen.trigger.params.after), name=order_id)


def _pending(trigger: PaymentPending, customer: Customer, order_id: str) -> Standing | None:
    """The payment that is waited for; of an order that came to nothing there is none."""
    statuses = _statuses(customer, order_id)
    payment, general = statuses.payment, statuses.general
    if payment is None or not _same(payment.value, trigger.params.payment_status):
        return None
    is_over = general is not None and entries.state_of(general.value) != entries.ACTIVE
    return None if is_over else payment


def _unpaid(rung: Rung[PaymentPending]) -> Document | None:
    pending = _pending(rung.trigger, rung.customer, rung.name)
    if pending is None:
        return None
    return {"order_id": rung.name, "payment_status": pending.value, "since": pending.at}


def _paid_since(trigger: PaymentPending, customer: Customer, began: Began) -> Reason | None:
    order_id = began.event.get("order_id")
    is_pending = isinstance(order_id, str) and _pending(trigger, customer, order_id) is not None
    return None if is_pending else "completed"


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


STATUS: Final = Machine(_changed, _stayed)
PAYMENT: Final = Machine(_payment, _unpaid, _paid_since)
