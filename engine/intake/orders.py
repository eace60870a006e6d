"""Orders of the back office, and changes of their statuses."""

from engine import events, ids
from engine.errors import RejectedError
from engine.intake import decoding, identities, structure, times, transactions, values
from engine.intake.arrivals import Arrival, Origin
from engine.transactions import OrderPlaced, OrderStatusChanged

KIND = "order"
STATUS_KIND = "order-status"


def arrive(order: dict[str, object], *, origin: Origin) -> Arrival:
    """Check and normalise one order; a repetition has the same id, a correction another.

    Raises:
        RejectedError: its path leads from the order.
    """
    structure.check(order)
    key = identities.of_object(order, region=origin.region)
    order_id = transactions.required_id(order, name="id", kind=KIND)
    common = transactions.common(order, kind=KIND, item_id=order_id, origin=origin)
    event = OrderPlaced(
        order_id=order_id,
        delivery_status=transactions.status(order, "deliveryStatus"),
        receipt_id=values.identifier(order.get("receiptId"), path="receiptId"),
        **common,
    )
    return Arrival(key=key, kind=events.KINDS[OrderPlaced], event=event)


def change_status(change: dict[str, object], *, origin: Origin) -> Arrival:
    """Check and normalise a change of one order's statuses.

    It names the customer as the order did: a log is one customer's, and nobody looks an order up
    on the way in.

    Raises:
        RejectedError: its path leads from the change.
    """
    structure.check(change)
    order_id = transactions.required_id(change, name="orderId", kind=KIND)
    key = identities.of_object(change, region=origin.region)
    occurred_at = times.instant(change.get("occurredAt"), path="occurredAt")
    statuses = [
        transactions.status(change, name) for name in ("status", "paymentStatus", "deliveryStatus")
    ]
    if not any(statuses):
        raise RejectedError(
            "missing_status", "give status, paymentStatus or deliveryStatus", path="status"
        )
    event = OrderStatusChanged(
        id=ids.derived(STATUS_KIND, order_id, occurred_at, *(said or "" for said in statuses)),
        occurred_at=times.clamped(occurred_at, received_at=origin.received_at),
        source=values.name(change.get("source"), path="source") or origin.source,
        order_id=order_id,
        status=statuses[0],
        payment_status=statuses[1],
        delivery_status=statuses[2],
        properties=decoding.canonical(change),
    )
    return Arrival(key=key, kind=events.KINDS[OrderStatusChanged], event=event)
