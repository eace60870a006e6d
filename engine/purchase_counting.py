"""The metrics that marketers define over receipts and orders, net of what is given back.

Each purchase has a cell of its own while it may still change: a correction replaces it, and one
that is cancelled or given back whole rests until that is taken back. Of `total` the cell holds what
is left after returns. A return that names no purchase is not seen here; `receipts_total` sees it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from engine import counting, purchases
from engine.aggregates import documents, shares, tallies
from engine.aggregates.tallies import Cell, Tally
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.counters import Counter, Counters
from engine.events import Event, OrderCompleted, OrderUpdated
from engine.ledger import ledger, versions
from engine.ledger import tallies as sums
from engine.ledger.ledger import Ledger
from engine.ledger.tallies import Deal
from engine.transactions import OrderPlaced, ReceiptIssued

UNMATCHED: Final = "-"
"""Stands for the id of an event in the cell of a purchase that the filter keeps out: a correction
may let it in."""


def count(
    before: Customer, customer: Customer, event: Event, counters: Counters, *, now: int
) -> Customer:
    """Bring every metric that the purchase is of up to the ledger as it stands."""
    if counters.receipts and customer.receipt_ledger != before.receipt_ledger:
        was, booked = purchases.receipts_of(before), purchases.receipts_of(customer)
        cells = _cells(event, was, booked, counters.receipts)
        customer = _tallied(customer, booked, cells, counters, now=now)
    if counters.orders and customer.order_ledger != before.order_ledger:
        was, booked = purchases.orders_of(before), purchases.orders_of(customer)
        cells = _cells(event, was, booked, counters.orders)
        customer = _tallied(customer, booked, cells, counters, now=now)
    return customer


def _cells(
    event: Event, was: Ledger, booked: Ledger, met: Sequence[Counter]
) -> list[tuple[Counter, str, Cell | None, bool]]:
    """For each metric: key and cell of the purchase, if the event has a word in it, and is new."""
    if not isinstance(event, OrderCompleted | OrderUpdated | OrderPlaced | ReceiptIssued):
        return [(counter, "", None, False) for counter in met]
    entry = versions.standing(event, booked)
    if entry is None or entry.is_return:
        return [(counter, "", None, False) for counter in met]
    document, key = _document(event, total=entry.total), entry.id.hex()
    is_new = not ledger.is_known(was, entry.id)
    found: list[tuple[Counter, str, Cell | None, bool]] = []
    for counter in met:
        cell = counting.cell(counter, document, at=entry.occurred_at, event_id=event.id)
        if cell is None:
            bucket = counter.measure.bucket(entry.occurred_at)
            cell = Cell(bucket, count=0, tie=UNMATCHED)
        cell = msgspec.structs.replace(cell, key=key)
        found.append((counter, key, cell, is_new))
    return found


def _tallied(
    customer: Customer,
    booked: Ledger,
    cells: Sequence[tuple[Counter, str, Cell | None, bool]],
    counters: Counters,
    *,
    now: int,
) -> Customer:
    deals: dict[str, Deal | None] = {}
    kept = {name: tally for name, tally in customer.tallies.items() if name in counters.by_id}
    for counter, key, cell, is_new in cells:
        before = _pending(counting.known_tally(customer.tallies, counter), counter)
        after = _after(before, counter, key, cell, is_new=is_new, now=now)
        deals |= {
            one.key: _deal(booked, one.key)
            for one in after.cells
            if one.key and one.key not in deals
        }
        after = _standing(after, deals, counter)
        if after != before:
            kept[counter.metric.id] = after
    if kept == customer.tallies:
        return customer
    return msgspec.structs.replace(customer, tallies=shares.bounded(kept))


def _after(
    before: Tally, counter: Counter, key: str, cell: Cell | None, *, is_new: bool, now: int
) -> Tally:
    is_open = is_new or any(known.key == key for known in before.cells)
    if key and cell is not None and not is_open and counter.is_warming:
        return tallies.correct(before, cell)
    if not key or not is_open:
        # Closed long ago, or counted before the metric was: a correction would count it twice.
        return before
    if cell is None:
        return tallies.without(before, key)
    return tallies.add(before, cell, last_outside=counter.measure.last_outside(now))


def _pending(tally: Tally, counter: Counter) -> Tally:
    """What nobody filled in by the end belongs to purchases that were closed by then."""
    if counter.is_warming or not tally.corrected:
        return tally
    return msgspec.structs.replace(tally, corrected=())


def netted(customer: Customer, counter: Counter, tally: Tally) -> Tally:
    """The tally as the ledger stands: for purchases that came to it by another way."""
    if counter.metric.of == "event":
        return tally
    of_receipts = counter.metric.of == "receipt"
    booked = purchases.receipts_of(customer) if of_receipts else purchases.orders_of(customer)
    deals = {cell.key: _deal(booked, cell.key) for cell in tally.cells if cell.key}
    return _standing(tally, deals, counter)


def _deal(booked: Ledger, key: str) -> Deal | None:
    """The deal of an open purchase."""
    deal = ledger.deal(booked, bytes.fromhex(key))
    return None if deal is None or deal.purchase is None else deal


def _standing(tally: Tally, deals: Mapping[str, Deal | None], counter: Counter) -> Tally:
    """With each open purchase as it stands by now."""
    cells = []
    for cell in tally.cells:
        deal = deals.get(cell.key) if cell.key else None
        is_open = deal is not None and cell.tie != UNMATCHED
        cells.append(_valued(cell, deal, counter) if deal is not None and is_open else cell)
    return msgspec.structs.replace(tally, cells=tuple(cells))


def _valued(cell: Cell, deal: Deal, counter: Counter) -> Cell:
    """What is left of a purchase, or all of it where the metric is not net."""
    if not counter.is_net:
        return msgspec.structs.replace(cell, count=int(sums.is_made(deal)))
    cell = msgspec.structs.replace(cell, count=int(sums.is_counted(deal)))
    if counter.keys != ["total"] or not cell.count or cell.value is None:
        return cell
    left = sum((one.total for one in sums.of(deal)), Decimal(0))
    return msgspec.structs.replace(cell, value=f"{left:f}")


def _document(
    event: OrderCompleted | OrderUpdated | OrderPlaced | ReceiptIssued, *, total: Decimal
) -> Document:
    """Named as the columns of receipts and orders are."""
    if isinstance(event, OrderPlaced | ReceiptIssued):
        return {
            "id": event.receipt_id if isinstance(event, ReceiptIssued) else event.order_id,
            "number": event.number,
            "total": total,
            "currency": event.currency,
            "status": event.status,
            "payment_status": event.payment_status,
            "store_id": event.store_id,
            "store_name": event.store_name,
            "shipping": event.shipping,
            "source": event.source,
            "custom": event.custom,
            "lines": documents.of_lines(event.lines),
        }
    return {
        "id": event.order_id,
        "total": total,
        "currency": event.currency,
        "source": event.source,
        "lines": documents.of_lines(event.products),
    }
