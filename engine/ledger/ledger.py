"""The ledger itself: opened from the row's bytes, an entry put in, written back.

    entries   the last 1,000 by date, each corrected, returned and cancelled as often as it likes
    folded    what was older: sums that no longer change, and 2,000 ids, so that a receipt sent
              again (a file imported twice) is known for 3,000 receipts back

Which entry is folded depends on dates alone, so up to the caps the order of arrival does not show.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from engine.customer import OtherCurrency, Purchases
from engine.ledger import entries, tallies
from engine.ledger.entries import Entry
from engine.ledger.stores import Store
from engine.ledger.tallies import Deal, Tally

ENTRIES_MAX: Final = 1_000
"""About 55 bytes each, 58 KB together; hardly anybody has more than a hundred."""

FOLDED_IDS_MAX: Final = 2_000
"""8 bytes each, 16 KB together; the first folded is forgotten first."""

STORES_MAX: Final = 100
"""About 40 bytes each; receipts of further stores name none."""


class Ledger(msgspec.Struct, frozen=True, array_like=True):
    """What the row keeps of receipts, and another of orders."""

    entries: tuple[Entry, ...] = ()
    folded: tuple[Tally, ...] = ()
    folded_ids: bytes = b""
    stores: tuple[Store, ...] = ()


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Ledger).decode


def opened(stored: bytes, sums: Purchases) -> Ledger:
    """Read it; a row from before there were ledgers has sums only, and they stay counted."""
    if stored:
        return _decode(stored)
    return Ledger(folded=tallies.added(_tallies_of(sums)))


def stored(ledger: Ledger) -> bytes:
    """Write it; an empty one takes no bytes."""
    return b"" if ledger == Ledger() else _encode(ledger)


def find(ledger: Ledger, entry_id: bytes) -> Entry | None:
    """An entry that can still change."""
    return next((entry for entry in ledger.entries if entry.id == entry_id), None)


def is_known(ledger: Ledger, entry_id: bytes) -> bool:
    """Whether it was put in before, with content, as far back as ids are kept."""
    entry = find(ledger, entry_id)
    if entry is not None:
        return not entry.is_named
    return is_folded(ledger, entry_id)


def is_folded(ledger: Ledger, entry_id: bytes) -> bool:
    """Whether it is among the sums that no longer change."""
    ids, width = ledger.folded_ids, entries.ID_BYTES
    if entry_id not in ids:
        return False
    return any(ids[at : at + width] == entry_id for at in range(0, len(ids), width))


def put(ledger: Ledger, entry: Entry, store: Store | None = None) -> Ledger:
    """Add an entry, or join it with the version there is; what is folded stays as it is."""
    if is_folded(ledger, entry.id):
        return ledger
    known = {one.id: one for one in ledger.entries}
    version = known.get(entry.id)
    known[entry.id] = entry if version is None else entries.joined(version, entry)
    stores = ledger.stores if store is None else _with_store(ledger.stores, store)
    return _bounded(msgspec.structs.replace(ledger, entries=tuple(known.values()), stores=stores))


def joined(one: Ledger, other: Ledger) -> Ledger:
    """The ledger of one person from those of two identities; the same receipt counts once."""
    known = {entry.id: entry for entry in one.entries if not is_folded(other, entry.id)}
    for entry in other.entries:
        version = known.get(entry.id)
        if not is_folded(one, entry.id):
            known[entry.id] = entry if version is None else entries.joined(version, entry)
    stores = one.stores
    for store in other.stores:
        stores = _with_store(stores, store)
    both = Ledger(
        entries=tuple(known.values()),
        folded=tallies.added((*one.folded, *other.folded)),
        folded_ids=(one.folded_ids + other.folded_ids)[-FOLDED_IDS_MAX * entries.ID_BYTES :],
        stores=stores,
    )
    return _bounded(both)


def sums(ledger: Ledger) -> tuple[Tally, ...]:
    """Everything in it, by currency."""
    counted = (tally for deal in tallies.deals(ledger.entries) for tally in tallies.of(deal))
    return tallies.added((*ledger.folded, *counted))


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


def _currency_order(tally: Tally) -> tuple[bool, int, str]:
    return not tally.is_bought, tally.first_at or 0, tally.currency


def _tallies_of(known: Purchases) -> list[Tally]:
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


def _with_store(stores: tuple[Store, ...], store: Store) -> tuple[Store, ...]:
    known: Mapping[bytes, Store] = {one.key: one for one in stores}
    version = known.get(store.key)
    if version is None and len(known) >= STORES_MAX:
        return stores
    return tuple({**known, store.key: store if version is None else version.joined(store)}.values())


def _bounded(ledger: Ledger) -> Ledger:
    """Fold the oldest deals, whole, until the rest is within the cap."""
    excess = len(ledger.entries) - ENTRIES_MAX
    if excess <= 0:
        return ledger
    oldest = sorted(tallies.deals(ledger.entries), key=_deal_order)
    gone: list[Deal] = []
    while excess > 0:
        deal = oldest[len(gone)]
        gone.append(deal)
        excess -= len(deal.entries)
    return _folded(ledger, gone)


def _deal_order(deal: Deal) -> tuple[int, bytes]:
    return deal.dated_at, min(entry.id for entry in deal.entries)


def _folded(ledger: Ledger, gone: Iterable[Deal]) -> Ledger:
    left = {entry.id: entry for entry in ledger.entries}
    found: list[Tally] = list(ledger.folded)
    ids, stores = [ledger.folded_ids], {store.key: store for store in ledger.stores}
    for deal in gone:
        found += tallies.of(deal)
        for entry in deal.entries:
            del left[entry.id]
            # Of an order nothing but a status was known: it may still come.
            if not entry.is_named:
                ids.append(entry.id)
        store = stores.get(b"" if deal.purchase is None else deal.purchase.store)
        if store is not None and tallies.is_counted(deal):
            stores[store.key] = store.folding()
    return Ledger(
        entries=tuple(left.values()),
        folded=tallies.added(found),
        folded_ids=b"".join(ids)[-FOLDED_IDS_MAX * entries.ID_BYTES :],
        stores=tuple(stores.values()),
    )
