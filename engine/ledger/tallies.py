"""Sums over entries, net of what was given back, by currency.

    purchase                 counts, unless cancelled or given back whole
    its returns              lower the total and the pieces of that purchase
    a return of the unknown  lowers the total

First and last look at purchases as they were made: one given back later was made all the same,
one cancelled was not.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, NamedTuple

import msgspec

from engine.ledger.entries import ACTIVE, RETURNED, Entry

PRICE: Final = Decimal("0.000001")
"""To which one receipt's total by pieces is rounded, so that sums of them are exact."""


_EXACT: Final = Context(prec=100)
"""More digits than any sum of ours has: added and taken away again, an amount leaves no trace."""


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """Sums in one currency."""

    currency: str
    count: int = 0
    total: Decimal = Decimal(0)
    units_count: int = 0
    with_units_count: int = 0
    prices_total: Decimal = Decimal(0)
    priced_count: int = 0
    first_at: int | None = None
    last_at: int | None = None
    last_amount: Decimal | None = None
    is_bought: bool = False
    """A purchase is in it, not only returns."""


class Deal(NamedTuple):
    """A purchase with all that gives it back, or returns of what is not known."""

    purchase: Entry | None
    returns: Sequence[Entry]

    @property
    def entries(self) -> list[Entry]:
        """All of it."""
        return [*self.returns, *([] if self.purchase is None else [self.purchase])]

    @property
    def dated_at(self) -> int:
        """Of the purchase, else of the first return."""
        if self.purchase is not None:
            return self.purchase.occurred_at
        return min(entry.occurred_at for entry in self.returns)


def deals(entries: Iterable[Entry]) -> list[Deal]:
    """Put purchases and their returns together."""
    bought: dict[bytes, Entry] = {}
    given_back: dict[bytes, list[Entry]] = defaultdict(list)
    found: list[Deal] = []
    for entry in entries:
        if not entry.is_return:
            bought[entry.id] = entry
        elif entry.link:
            given_back[entry.link].append(entry)
        else:
            found.append(Deal(None, (entry,)))
    found += [Deal(entry, given_back.pop(key, ())) for key, entry in bought.items()]
    return [*found, *(Deal(None, returns) for returns in given_back.values())]


def of(deal: Deal) -> list[Tally]:
    """What one deal adds to the sums; one tally for each currency in it."""
    purchase = deal.purchase
    if purchase is not None and purchase.is_cancelled:
        return []
    returns = _counted(deal.returns)
    if purchase is None or purchase.is_named:
        return [_dangling(entry) for entry in returns]
    own = [entry for entry in returns if entry.currency in {"", purchase.currency}]
    foreign = [_dangling(entry) for entry in returns if entry not in own]
    return [_bought(purchase, own), *foreign]


def is_counted(deal: Deal) -> bool:
    """Whether it is a receipt for the counts."""
    purchase = deal.purchase
    if purchase is not None and not deal.returns:
        return purchase.state == ACTIVE and not purchase.is_named
    return any(tally.count for tally in of(deal))


def is_made(deal: Deal) -> bool:
    """Whether it is a purchase that was made, given back or not."""
    purchase = deal.purchase
    return purchase is not None and not purchase.is_cancelled and not purchase.is_named


def added(tallies: Iterable[Tally]) -> tuple[Tally, ...]:
    """One tally for each currency, by its code."""
    found: dict[str, Tally] = {}
    for tally in tallies:
        known = found.get(tally.currency)
        found[tally.currency] = tally if known is None else _sum(known, tally)
    return tuple(found[currency] for currency in sorted(found))


def moved(
    sums: Iterable[Tally], was: Iterable[Tally], now: Iterable[Tally]
) -> tuple[Tally, ...] | None:
    """Sums after some deals, which added `was`, add `now`; None: only counting anew can tell.

    What was the first or the last purchase, or the only one, may have hidden another.
    """
    found = {tally.currency: tally for tally in sums}
    come = {tally.currency: tally for tally in added(now)}
    for gone in added(was):
        left = _replaced(found[gone.currency], gone, come.pop(gone.currency, None))
        if left is None:
            return None
        found[gone.currency] = left
    return added((*found.values(), *come.values()))


def _replaced(whole: Tally, gone: Tally, come: Tally | None) -> Tally | None:
    instead = Tally(gone.currency) if come is None else come
    is_first = gone.first_at is not None and gone.first_at == whole.first_at
    if is_first and (instead.first_at is None or instead.first_at > (gone.first_at or 0)):
        return None
    is_last = gone.last_at is not None and _last_order(gone) == _last_order(whole)
    if is_last and _last_order(instead) < _last_order(gone):
        return None
    # An earlier purchase than this one is another, so the currency stays one that was bought in.
    is_sure = whole.is_bought if not gone.is_bought else instead.is_bought or not is_first
    if not is_sure:
        return None
    return _sum(_without(whole, gone), instead)


def _without(whole: Tally, gone: Tally) -> Tally:
    return msgspec.structs.replace(
        whole,
        count=whole.count - gone.count,
        total=_EXACT.subtract(whole.total, gone.total),
        units_count=whole.units_count - gone.units_count,
        with_units_count=whole.with_units_count - gone.with_units_count,
        prices_total=_EXACT.subtract(whole.prices_total, gone.prices_total),
        priced_count=whole.priced_count - gone.priced_count,
    )


def _counted(returns: Sequence[Entry]) -> list[Entry]:
    """Once the back office books a return, what a tracker said of refunds was about the same."""
    active = [entry for entry in returns if not entry.is_cancelled]
    booked = [entry for entry in active if not entry.is_tracked]
    return booked or active


def _bought(purchase: Entry, returns: Sequence[Entry]) -> Tally:
    made = Tally(
        purchase.currency,
        first_at=purchase.occurred_at,
        last_at=purchase.occurred_at,
        last_amount=purchase.total,
        is_bought=True,
    )
    if purchase.state == RETURNED or any(entry.is_whole for entry in returns):
        return made
    total = purchase.total + sum((entry.total for entry in returns), Decimal(0))
    units = purchase.units
    back = sum(entry.units or 0 for entry in returns)
    is_paid_back = bool(returns) and purchase.total > 0 and total <= 0
    if is_paid_back or (units and back and units + back <= 0):
        return msgspec.structs.replace(made, total=total)
    left = 0 if units is None else units + back
    is_priced = left > 0
    return msgspec.structs.replace(
        made,
        count=1,
        total=total,
        units_count=left,
        with_units_count=int(units is not None),
        prices_total=_price(total, left) if is_priced else Decimal(0),
        priced_count=int(is_priced),
    )


def _dangling(entry: Entry) -> Tally:
    if entry.is_whole:
        return Tally(entry.currency)
    return Tally(entry.currency, total=entry.total, units_count=entry.units or 0)


def _price(total: Decimal, units: int) -> Decimal:
    return (total / units).quantize(PRICE, rounding=ROUND_HALF_UP)


def _sum(one: Tally, other: Tally) -> Tally:
    firsts = [tally.first_at for tally in (one, other) if tally.first_at is not None]
    last = max(one, other, key=_last_order)
    return Tally(
        one.currency,
        count=one.count + other.count,
        total=_EXACT.add(one.total, other.total),
        units_count=one.units_count + other.units_count,
        with_units_count=one.with_units_count + other.with_units_count,
        prices_total=_EXACT.add(one.prices_total, other.prices_total),
        priced_count=one.priced_count + other.priced_count,
        first_at=min(firsts, default=None),
        last_at=last.last_at,
        last_amount=last.last_amount,
        is_bought=one.is_bought or other.is_bought,
    )


def _last_order(tally: Tally) -> tuple[int, Decimal]:
    """Of two at the same instant the dearer is the last."""
    return (
        -1 if tally.last_at is None else tally.last_at,
        Decimal("-Infinity") if tally.last_amount is None else tally.last_amount,
    )
