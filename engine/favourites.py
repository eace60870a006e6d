"""The products a customer buys most, kept as purchases come, are corrected and given back."""

from collections.abc import Iterable

import msgspec

from engine import baskets, purchases
from engine.baskets import Basket, Baskets
from engine.customer import Customer
from engine.events import Event, OrderRefunded
from engine.ledger import booking, entries, ledger, tallies, versions
from engine.ledger.ledger import Ledger
from engine.ledger.versions import Booked
from engine.products import Product
from engine.transactions import OrderPlaced, ReceiptIssued


def follow(before: Customer, customer: Customer, event: Event) -> Customer:
    """Note what an event that was booked has sold, and which baskets count now."""
    if customer.receipt_ledger != before.receipt_ledger:
        was, booked = purchases.receipts_of(before), purchases.receipts_of(customer)
        kept = _noted(customer.receipt_baskets, event, was, booked)
        customer = msgspec.structs.replace(customer, receipt_baskets=kept)
    if customer.order_ledger != before.order_ledger:
        was, booked = purchases.orders_of(before), purchases.orders_of(customer)
        kept = _noted(customer.order_baskets, event, was, booked)
        customer = msgspec.structs.replace(customer, order_baskets=kept)
    return customer


def _noted(known: Baskets, event: Event, was: Ledger, booked: Ledger) -> Baskets:
    basket = _basket(event)
    if basket is not None and _stands(basket, known, event, was=was, booked=booked):
        known = baskets.with_basket(known, basket)
    return _counted(known, booked)


def joined(survivor: Customer, other: Customer) -> Customer:
    """The baskets of two identities, by what both their ledgers know.

    An order may lie with the one, its cancellation or a later version of it with the other.
    """
    both = purchases.joined(survivor, other)
    mine, theirs = purchases.receipts_of(survivor), purchases.receipts_of(other)
    receipts = baskets.joined(
        _standing(survivor.receipt_baskets, mine, theirs),
        _standing(other.receipt_baskets, theirs, mine),
    )
    mine, theirs = purchases.orders_of(survivor), purchases.orders_of(other)
    orders = baskets.joined(
        _standing(survivor.order_baskets, mine, theirs),
        _standing(other.order_baskets, theirs, mine),
    )
    return msgspec.structs.replace(
        both,
        receipt_baskets=_counted(receipts, purchases.receipts_of(both)),
        order_baskets=_counted(orders, purchases.orders_of(both)),
    )


def _standing(known: Baskets, own: Ledger, others: Ledger) -> Baskets:
    """Without those of which the others know a later version."""

    def stands(basket: Basket) -> bool:
        mine, theirs = ledger.find(own, basket.key), ledger.find(others, basket.key)
        return mine is None or theirs is None or not entries.is_later(theirs, mine)

    return Baskets(tuple(one for one in known.open if stands(one)), known.counts)


def _counted(known: Baskets, booked: Ledger) -> Baskets:
    return Baskets(tuple(_recounted(one, booked) for one in known.open), known.counts)


def _stands(basket: Basket, known: Baskets, event: Event, *, was: Ledger, booked: Ledger) -> bool:
    """Whether the event is the version that goes, of a purchase that is not closed yet."""
    if not isinstance(event, Booked) or versions.standing(event, booked) is None:
        return False
    is_open = any(one.key == basket.key for one in known.open)
    return is_open or not ledger.is_known(was, basket.key)


def _recounted(basket: Basket, booked: Ledger) -> Basket:
    """A purchase that was cancelled or given back whole does not count, nor do its returns."""
    entry = ledger.find(booked, basket.key)
    deal = None if entry is None else ledger.deal_of(booked, entry)
    if deal is None:
        return basket
    is_counted = deal.purchase is None or tallies.is_counted(deal)
    if is_counted == basket.is_counted:
        return basket
    return msgspec.structs.replace(basket, is_counted=is_counted)


def _basket(event: Event) -> Basket | None:
    if not isinstance(event, Booked):
        return None
    match event:
        case ReceiptIssued() | OrderPlaced():
            lines = _lines(event.lines, is_back=booking.is_return(event))
        case OrderRefunded():
            lines = _lines(event.products, is_back=True)
        case _:
            lines = _lines(event.products, is_back=False)
    return Basket(versions.id_of(event), event.occurred_at, lines)


def _lines(bought: Iterable[Product], *, is_back: bool) -> tuple[tuple[str, int], ...]:
    return baskets.lines(
        (line.id, -abs(line.quantity) if is_back else line.quantity) for line in bought
    )
