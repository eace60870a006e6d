"""The sums of a ledger as the customer has them: one currency, the others apart."""

from collections.abc import Iterable

import msgspec

from engine.customer import OtherCurrency, Purchases
from engine.ledger import tallies
from engine.ledger.tallies import Tally


def currency_of(found: Iterable[Tally]) -> str | None:
    """The customer's currency: of the first purchase that named one, else of a return."""
    named = [tally for tally in found if tally.currency]
    if not named:
        return None
    return min(named, key=_currency_order).currency


def purchases(found: Iterable[Tally], currency: str | None) -> Purchases:
    """Sums in that currency, which is also that of whatever named none; others apart."""
    by_currency = {tally.currency: tally for tally in found}
    own = [by_currency.pop(name) for name in ("", currency or "") if name in by_currency]
    own = [msgspec.structs.replace(tally, currency=currency or "") for tally in own]
    tally = (*tallies.added(own), Tally(currency or ""))[0]
    return Purchases(
        count=tally.count,
        total=tally.total,
        first_at=tally.first_at,
        last_at=tally.last_at,
        last_amount=tally.last_amount,
        currency=currency if own else None,
        units_count=tally.units_count,
        with_units_count=tally.with_units_count,
        prices_total=tally.prices_total,
        priced_count=tally.priced_count,
        others=tuple(
            OtherCurrency(other.currency, other.count, other.total)
            for other in by_currency.values()
        ),
    )


def tallies_of(known: Purchases) -> list[Tally]:
    """The sums of a row from before there were ledgers."""
    if known == Purchases():
        return []
    own = Tally(
        known.currency or "",
        count=known.count,
        total=known.total,
        units_count=known.units_count,
        with_units_count=known.with_units_count,
        prices_total=known.prices_total,
        priced_count=known.priced_count,
        first_at=known.first_at,
        last_at=known.last_at,
        last_amount=known.last_amount,
        is_bought=known.first_at is not None,
    )
    others = (Tally(other.currency, other.count, other.total) for other in known.others)
    return [own, *others]


def _currency_order(tally: Tally) -> tuple[bool, int, str]:
    return not tally.is_bought, tally.first_at or 0, tally.currency
