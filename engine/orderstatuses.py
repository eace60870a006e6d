"""The three statuses of a customer's last orders, each by the source's own time.

News may come in any order: a status that is older than the one known changes nothing.
"""

from collections.abc import Mapping

import msgspec

from engine.customer import ORDERS_WATCHED_MAX, Customer, OrderStatuses, Standing
from engine.events import OrderCancelled
from engine.purchases import PurchaseEvent
from engine.transactions import OrderPlaced, OrderStatusChanged


def follow(customer: Customer, event: PurchaseEvent) -> Customer:
    """Take the statuses that the event says."""
    said = _said(event)
    if said is None:
        return customer
    order_id, statuses = said
    known = customer.order_statuses.get(order_id, OrderStatuses())
    after = joined(known, statuses)
    if after == known:
        return customer
    found = bounded({**customer.order_statuses, order_id: after})
    return msgspec.structs.replace(customer, order_statuses=found)


def joined(one: OrderStatuses, other: OrderStatuses) -> OrderStatuses:
    """Of each status the newer word."""
    return OrderStatuses(*(_newer(*both) for both in zip(one.each, other.each, strict=True)))


def merged(
    one: Mapping[str, OrderStatuses], other: Mapping[str, OrderStatuses]
) -> dict[str, OrderStatuses]:
    """Those of two identities of one person."""
    found = dict(one)
    for order_id, statuses in other.items():
        found[order_id] = joined(found.get(order_id, OrderStatuses()), statuses)
    return bounded(found)


def bounded(statuses: Mapping[str, OrderStatuses]) -> dict[str, OrderStatuses]:
    """The orders heard of last."""
    by_time = sorted(statuses.items(), key=lambda entry: (entry[1].changed_at, entry[0]))
    return dict(by_time[-ORDERS_WATCHED_MAX:])


def _said(event: PurchaseEvent) -> tuple[str, OrderStatuses] | None:
    match event:
        case OrderPlaced(order_id=order_id, updated_at=at):
            is_paid = event.receipt_id is not None and event.payment_status is None
            payment = "paid" if is_paid else event.payment_status
            told = (event.status, payment, event.delivery_status)
        case OrderStatusChanged(order_id=order_id, occurred_at=at):
            told = (event.status, event.payment_status, event.delivery_status)
        case OrderCancelled(order_id=order_id, occurred_at=at):
            told = ("cancelled", None, None)
        case _:
            return None
    found = OrderStatuses(*(None if one is None else Standing(one, at) for one in told))
    return None if found == OrderStatuses() else (order_id, found)


def _newer(one: Standing | None, other: Standing | None) -> Standing | None:
    """Said twice at one time, the greater word stands, wherever it came first."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda said: (said.at, said.value))
