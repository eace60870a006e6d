"""What each event writes into a ledger."""

from collections.abc import Iterable
from decimal import Decimal

from engine.events import OrderCancelled, OrderCompleted, OrderRefunded, OrderUpdated
from engine.ledger import entries, stores
from engine.ledger.entries import ACTIVE, CANCELLED, NAMED, NEVER, RETURN, TRACKED, WHOLE, Entry
from engine.ledger.stores import Store
from engine.products import Product
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued


def issued(event: ReceiptIssued) -> Entry:
    """A receipt or a return: its status is part of the version."""
    return _booked(
        event,
        entry_id=entries.id_of(event.receipt_id),
        state=entries.state_of(event.status),
        status_at=event.updated_at,
    )


def placed(event: OrderPlaced) -> Entry:
    """An order of the back office; a status that it does not give stays as it is."""
    return _booked(
        event,
        entry_id=entries.id_of(event.order_id),
        state=entries.state_of(event.status),
        status_at=NEVER if event.status is None else event.updated_at,
    )


def completed(event: OrderCompleted | OrderUpdated) -> Entry:
    """An order as the tracker saw it."""
    return Entry(
        id=entries.id_of(event.order_id),
        updated_at=event.occurred_at,
        occurred_at=event.occurred_at,
        total=_priced(event.products) if event.total is None else event.total,
        units=_units(event.products),
        currency=event.currency or "",
        flags=TRACKED,
        link=b"",
        state=ACTIVE,
        status_at=NEVER,
        store=b"",
    )


def refunded(event: OrderRefunded) -> Entry:
    """A refund as the tracker saw it: the whole order when it names neither sum nor products."""
    is_whole = event.total is None and not event.products
    total = _priced(event.products) if event.total is None else event.total
    return Entry(
        id=entries.refund_id(event.id),
        updated_at=event.occurred_at,
        occurred_at=event.occurred_at,
        total=-abs(total),
        units=-(_units(event.products) or 0),
        currency=event.currency or "",
        flags=RETURN | TRACKED | (WHOLE if is_whole else 0),
        link=entries.id_of(event.order_id),
        state=ACTIVE,
        status_at=NEVER,
        store=b"",
    )


def cancelled(event: OrderCancelled) -> Entry:
    """The status of an order, by a tracker."""
    return _named(event.order_id, CANCELLED, at=event.occurred_at)


def status_changed(event: OrderStatusChanged) -> Entry:
    """The status of an order, by the back office."""
    return _named(event.order_id, entries.state_of(event.status), at=event.occurred_at)


def store_of(event: OrderPlaced | ReceiptIssued) -> Store | None:
    """Where it was bought."""
    if event.store_id is None:
        return None
    return Store(event.store_id, event.store_name or "", event.updated_at)


def is_return(event: OrderPlaced | ReceiptIssued) -> bool:
    """One that names what it takes back, costs less than nothing or only gives back."""
    if event.return_of is not None or event.total < 0:
        return True
    counts = [line.quantity for line in event.lines]
    return any(count < 0 for count in counts) and all(count <= 0 for count in counts)


def _booked(
    event: OrderPlaced | ReceiptIssued, *, entry_id: bytes, state: int, status_at: int
) -> Entry:
    is_back = is_return(event)
    units = _units(event.lines)
    return Entry(
        id=entry_id,
        updated_at=event.updated_at,
        occurred_at=event.occurred_at,
        total=-abs(event.total) if is_back else event.total,
        units=-abs(units) if is_back and units is not None else units,
        currency=event.currency or "",
        flags=RETURN if is_back else 0,
        link=b"" if event.return_of is None else entries.id_of(event.return_of),
        state=state,
        status_at=status_at,
        store=b"" if event.store_id is None else stores.key_of(event.store_id),
    )


def _named(order_id: str, state: int, *, at: int) -> Entry:
    return Entry(
        id=entries.id_of(order_id),
        updated_at=at,
        occurred_at=at,
        total=Decimal(0),
        units=None,
        currency="",
        flags=NAMED,
        link=b"",
        state=state,
        status_at=at,
        store=b"",
    )


def _priced(products: Iterable[Product]) -> Decimal:
    return sum(
        (product.price * product.quantity for product in products if product.price is not None),
        Decimal(0),
    )


def _units(products: Iterable[Product]) -> int | None:
    """Pieces; None where no line says any."""
    counts = [product.quantity for product in products]
    return sum(counts) if counts else None
