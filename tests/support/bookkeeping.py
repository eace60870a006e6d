"""The metrics of purchases, added up from a whole set of events by somebody who reads it at once.

Deliberately unlike the engine: no ledger, no steps, no caps; the rules as the papers say them.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from engine.events import (
    Event,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
)
from engine.products import Product
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued

CANCELLED = {"cancelled", "canceled", "void", "voided"}
RETURNED = {"returned", "refunded"}


class Document:
    """A receipt, an order or a return as it finally stands."""

    def __init__(
        self,
        *,
        at: int,
        total: Decimal,
        quantities: Sequence[int],
        currency: str | None,
        gives_back: str | None = None,
        is_return: bool = False,
        status: str = "",
    ) -> None:
        self.at, self.total, self.currency = at, total, currency
        self.units = sum(quantities) if quantities else None
        self.gives_back, self.is_return, self.status = gives_back, is_return, status.lower()
        self.is_whole = False
        self.is_tracked = False


def receipts(events: Iterable[Event]) -> dict[str, Document]:
    """The newest version of each."""
    newest: dict[str, ReceiptIssued] = {}
    for event in events:
        if isinstance(event, ReceiptIssued):
            known = newest.get(event.receipt_id)
            if known is None or event.updated_at > known.updated_at:
                newest[event.receipt_id] = event
    return {key: _document(event, event.status or "") for key, event in newest.items()}


def orders(events: Sequence[Event]) -> dict[str, Document]:
    """The back office's newest version, else the tracker's; refunds are documents of their own."""
    found: dict[str, Document] = {}
    for key in {getattr(event, "order_id", "") for event in events} - {""}:
        about = [event for event in events if getattr(event, "order_id", "") == key]
        placed = [event for event in about if isinstance(event, OrderPlaced)]
        tracked = [event for event in about if isinstance(event, OrderCompleted | OrderUpdated)]
        status = _status(about)
        if placed:
            found[key] = _document(max(placed, key=lambda event: event.updated_at), status)
        elif tracked:
            last = max(tracked, key=lambda event: event.occurred_at)
            found[key] = Document(
                at=min(event.occurred_at for event in tracked),
                total=_priced(last.products) if last.total is None else last.total,
                quantities=[product.quantity for product in last.products],
                currency=last.currency,
                status=status,
            )
    for refund in {
        event.id: event for event in events if isinstance(event, OrderRefunded)
    }.values():
        found[f"refund {refund.id}"] = _refund(refund)
    return found


def cancelled_unknown(events: Sequence[Event]) -> set[str]:
    """Orders known by nothing but a status that cancels them."""
    ids = {getattr(event, "order_id", "") for event in events} - {""}
    told = {
        event.order_id
        for event in events
        if isinstance(event, OrderCompleted | OrderPlaced | OrderUpdated)
    }
    return {
        key
        for key in ids - told
        if _status([event for event in events if getattr(event, "order_id", "") == key]).lower()
        in CANCELLED
    }


def sums(
    documents: Mapping[str, Document], *, currency: str | None, gone: Iterable[str] = ()
) -> dict[str, object]:
    """Count, total, averages and dates in one currency."""
    alive, returns = _standing(documents, gone)
    count, total, units, with_units, prices = 0, Decimal(0), 0, 0, []
    for key, one in alive.items():
        mine = [
            back
            for back in returns
            if back.gives_back == key and back.currency in {None, one.currency}
        ]
        returns = [back for back in returns if back not in mine]
        if one.currency not in {None, currency}:
            continue
        if one.status in RETURNED or any(back.is_whole for back in mine):
            continue
        left = one.total - sum((abs(back.total) for back in mine), Decimal(0))
        pieces = (one.units or 0) - sum(abs(back.units or 0) for back in mine)
        total += left
        has_units_back = one.units and any(back.units for back in mine)
        if (mine and one.total > 0 and left <= 0) or (has_units_back and pieces <= 0):
            continue
        count += 1
        if one.units is not None:
            units, with_units = units + pieces, with_units + 1
            if pieces > 0:
                prices.append((left / pieces).quantize(Decimal("0.000001"), ROUND_HALF_UP))
    for back in returns:
        if not back.is_whole and back.currency in {None, currency}:
            total -= abs(back.total)
            units -= abs(back.units or 0)
    own = [one for one in alive.values() if one.currency in {None, currency}]
    last = max(own, key=lambda one: (one.at, one.total), default=None)
    return {
        "count": count,
        "total": total,
        "average": _cents(Fraction(total), count),
        "average_products": _cents(Fraction(units), with_units),
        "average_price": _cents(sum(map(Fraction, prices), Fraction(0)), len(prices)),
        "first_at": min((one.at for one in own), default=None),
        "last_at": None if last is None else last.at,
        "last_amount": None if last is None else last.total,
    }


def currency_of(*kinds: Mapping[str, Document], gone: Iterable[str] = ()) -> str | None:
    """Of the earliest purchase that stands, receipts first; else the first code of a return."""
    for documents in kinds:
        alive, returns = _standing(documents, gone)
        bought = [one for one in alive.values() if one.currency]
        if bought:
            return min((one.at, str(one.currency)) for one in bought)[1]
        if named := [one for one in returns if one.currency]:
            return min(str(one.currency) for one in named)
    return None


def _standing(
    documents: Mapping[str, Document], gone: Iterable[str]
) -> tuple[dict[str, Document], list[Document]]:
    """Purchases that were not cancelled, and the returns that count."""
    bought = {key: one for key, one in documents.items() if not one.is_return}
    dead = {key for key, one in bought.items() if one.status in CANCELLED} | set(gone)
    returns = [
        one
        for one in documents.values()
        if one.is_return and one.status not in CANCELLED and one.gives_back not in dead
    ]
    booked = {one.gives_back for one in returns if one.gives_back and not one.is_tracked}
    return (
        {key: one for key, one in bought.items() if key not in dead},
        [one for one in returns if not (one.is_tracked and one.gives_back in booked)],
    )


def _document(event: ReceiptIssued | OrderPlaced, status: str) -> Document:
    quantities = [line.quantity for line in event.lines]
    only_back = bool(quantities) and max(quantities) < 0
    return Document(
        at=event.occurred_at,
        total=event.total,
        quantities=quantities,
        currency=event.currency,
        gives_back=event.return_of,
        is_return=event.return_of is not None or event.total < 0 or only_back,
        status=status,
    )


def _refund(event: OrderRefunded) -> Document:
    document = Document(
        at=event.occurred_at,
        total=_priced(event.products) if event.total is None else event.total,
        quantities=[product.quantity for product in event.products],
        currency=event.currency,
        gives_back=event.order_id,
        is_return=True,
    )
    document.is_whole = event.total is None and not event.products
    document.is_tracked = True
    return document


def _priced(products: Sequence[Product]) -> Decimal:
    return sum((one.quantity * (one.price or Decimal(0)) for one in products), Decimal(0))


def _status(about: Sequence[Event]) -> str:
    said: list[tuple[int, int, str]] = []
    for event in about:
        match event:
            case OrderCancelled():
                said.append((event.occurred_at, 2, "cancelled"))
            case OrderPlaced(status=str(status)):
                said.append((event.updated_at, _weight(status), status))
            case OrderStatusChanged(status=str(status)):
                said.append((event.occurred_at, _weight(status), status))
            case _:
                pass
    return max(said)[2] if said else ""


def _weight(status: str) -> int:
    word = status.lower()
    return 2 if word in CANCELLED else 1 if word in RETURNED else 0


def _cents(total: Fraction, count: int) -> Decimal | None:
    if count <= 0:
        return None
    exact = total / count
    hundredths = abs(exact) * 100 + Fraction(1, 2)
    whole = hundredths.numerator // hundredths.denominator
    return Decimal(whole if exact >= 0 else -whole) / 100
