"""Whether an event's word about a purchase is the one that goes."""

from typing import TypeAlias

from engine.events import OrderCompleted, OrderRefunded, OrderUpdated
from engine.ledger import entries, ledger
from engine.ledger.entries import Entry
from engine.ledger.ledger import Ledger
from engine.transactions import OrderPlaced, ReceiptIssued

Booked: TypeAlias = OrderCompleted | OrderPlaced | OrderRefunded | OrderUpdated | ReceiptIssued
"""All that has lines."""


def id_of(event: Booked) -> bytes:
    """As the ledger has it."""
    match event:
        case ReceiptIssued():
            return entries.id_of(event.receipt_id)
        case OrderRefunded():
            return entries.refund_id(event.id)
        case _:
            return entries.id_of(event.order_id)


def standing(event: Booked, booked: Ledger) -> Entry | None:
    """The entry, if the event made it what it is; a newer or a better version may have."""
    entry = ledger.find(booked, id_of(event))
    if isinstance(event, OrderPlaced | ReceiptIssued):
        is_tracked, version = False, event.updated_at
    else:
        is_tracked, version = True, event.occurred_at
    if entry is None or (entry.is_tracked, entry.updated_at) != (is_tracked, version):
        return None
    return entry
