"""The ledger itself: opened from the row's bytes, an entry put in, written back.

    entries   at least the last 1,000 by date, each corrected, returned and cancelled at will
    folded    what was older: sums that no longer change, and 2,000 ids, so that a receipt sent
              again (a file imported twice) is known for 3,000 receipts back

Which entry is folded depends on dates alone, so up to the caps the order of arrival does not show.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from engine.customer import Purchases
from engine.ledger import entries, packed, summing, tallies
from engine.ledger.entries import Entry
from engine.ledger.packed import Packed
from engine.ledger.stores import Store
from engine.ledger.tallies import Deal, Tally

ENTRIES_MAX: Final = 1_000
"""61 bytes each, 61 KB together; hardly anybody has more than a hundred."""

SLACK_RATIO: Final = 0.1
"""So many above the cap before the oldest are folded, together: that is the one thing that reads
the whole ledger, and so a hundredth of it falls to each receipt."""

FOLDED_IDS_MAX: Final = 2_000
"""8 bytes each, 16 KB together; the first folded is forgotten first."""

STORES_MAX: Final = 100
"""About 40 bytes each; receipts of further stores name none."""

FORMAT: Final = 2


class Ledger(msgspec.Struct, frozen=True, array_like=True):
    """What the row keeps of receipts, and another of orders."""

    format: int = FORMAT
    packed: Packed = Packed()
    folded: tuple[Tally, ...] = ()
    folded_ids: bytes = b""
    stores: tuple[Store, ...] = ()
    sums: tuple[Tally, ...] = ()
    """Everything in it, by currency; kept up by each entry, equal to `recounted`."""

    @property
    def entries(self) -> list[Entry]:
        """All that can still change; reading them costs about 3 us each."""
        return packed.unpacked(self.packed)


class _First(msgspec.Struct, frozen=True, array_like=True):
    """As ledgers were stored at first."""

    entries: tuple[Entry, ...] = ()
    folded: tuple[Tally, ...] = ()
    folded_ids: bytes = b""
    stores: tuple[Store, ...] = ()


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = functools.lru_cache(maxsize=4)(msgspec.msgpack.Decoder(Ledger).decode)
"""One purchase asks several times for the ledgers before and after it."""

_decode_first: Final = msgspec.msgpack.Decoder(_First).decode


def opened(stored: bytes, sums: Purchases) -> Ledger:
    """Read it; a row from before there were ledgers has sums only, and they stay counted."""
    if not stored:
        folded = tallies.added(summing.tallies_of(sums))
        return Ledger(folded=folded, sums=folded)
    # Behind the head of the array: a number is the format, the first one began with an array.
    if stored[1] == FORMAT:
        return _decode(stored)
    first = _decode_first(stored)
    return of(first.entries, folded=first.folded, folded_ids=first.folded_ids, stores=first.stores)


def of(
    found: Iterable[Entry],
    *,
    folded: tuple[Tally, ...] = (),
    folded_ids: bytes = b"",
    stores: tuple[Store, ...] = (),
) -> Ledger:
    """A ledger of these, counted anew."""
    return recounted(
        Ledger(packed=packed.of(found), folded=folded, folded_ids=folded_ids, stores=stores)
    )


def stored(ledger: Ledger) -> bytes:
    """Write it; an empty one takes no bytes."""
    return b"" if ledger == Ledger() else _encode(ledger)


def find(ledger: Ledger, entry_id: bytes) -> Entry | None:
    """An entry that can still change."""
    return packed.find(ledger.packed, entry_id)


def is_known(ledger: Ledger, entry_id: bytes) -> bool:
    """Whether it was put in before, with content, as far back as ids are kept."""
    entry = find(ledger, entry_id)
    if entry is not None:
        return not entry.is_named
    return is_folded(ledger, entry_id)


def is_folded(ledger: Ledger, entry_id: bytes) -> bool:
    """Whether it is among the sums that no longer change."""
    ids, width = ledger.folded_ids, entries.ID_BYTES
    at = ids.find(entry_id)
    while at >= 0 and at % width:
        at = ids.find(entry_id, at + 1)
    return at >= 0


def deal(ledger: Ledger, purchase_id: bytes) -> Deal | None:
    """A purchase and what gives it back, whichever of them is known; None: neither is."""
    purchase = find(ledger, purchase_id)
    if purchase is not None and purchase.is_return:
        purchase = None
    returns = packed.linked(ledger.packed, purchase_id)
    return Deal(purchase, returns) if purchase or returns else None


def deal_of(ledger: Ledger, entry: Entry) -> Deal | None:
    """The deal that an entry belongs to."""
    if entry.is_return and not entry.link:
        return Deal(None, (entry,))
    if entry.is_return:
        return deal(ledger, entry.link)
    return Deal(entry, packed.linked(ledger.packed, entry.id))


def put(ledger: Ledger, entry: Entry, store: Store | None = None) -> Ledger:
    """Add an entry, or join it with the version there is; what is folded stays as it is."""
    if is_folded(ledger, entry.id):
        return ledger
    version = find(ledger, entry.id)
    entry = entry if version is None else entries.joined(version, entry)
    after = msgspec.structs.replace(
        ledger,
        packed=ledger.packed if entry == version else packed.with_entry(ledger.packed, entry),
        stores=ledger.stores if store is None else _with_store(ledger.stores, store),
    )
    versions = [entry] if version is None else [version, entry]
    sums = tallies.moved(
        ledger.sums, _tallied(ledger, versions, version), _tallied(after, versions, entry)
    )
    if sums is None:
        return _bounded(recounted(after))
    return _bounded(msgspec.structs.replace(after, sums=sums))


def recounted(ledger: Ledger) -> Ledger:
    """The same with sums of everything in it, counted one by one."""
    counted = (tally for one in tallies.deals(ledger.entries) for tally in tallies.of(one))
    return msgspec.structs.replace(ledger, sums=tallies.added((*ledger.folded, *counted)))


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
    both = of(
        known.values(),
        folded=tallies.added((*one.folded, *other.folded)),
        folded_ids=(one.folded_ids + other.folded_ids)[-FOLDED_IDS_MAX * entries.ID_BYTES :],
        stores=stores,
    )
    return _bounded(both)


def _with_store(stores: tuple[Store, ...], store: Store) -> tuple[Store, ...]:
    known: Mapping[bytes, Store] = {one.key: one for one in stores}
    version = known.get(store.key)
    if version is None and len(known) >= STORES_MAX:
        return stores
    return tuple({**known, store.key: store if version is None else version.joined(store)}.values())


def _tallied(ledger: Ledger, versions: Iterable[Entry], standing: Entry | None) -> list[Tally]:
    """What the deals that an entry moves between add to the sums, while `standing` stands."""
    found: list[Tally] = []
    purchases = {one.link if one.is_return else one.id for one in versions}
    for purchase_id in purchases - {b""}:
        known = deal(ledger, purchase_id)
        found += [] if known is None else tallies.of(known)
    if standing is not None and standing.is_return and not standing.link:
        found += tallies.of(Deal(None, (standing,)))
    return found


def folded_to(ledger: Ledger, at_most: int) -> Ledger:
    """The same sums with so many entries to be corrected, the newest."""
    return _fold_excess(ledger, len(ledger.packed) - at_most)


def _bounded(ledger: Ledger) -> Ledger:
    """Fold the oldest deals, whole, until the rest is within the cap."""
    excess = len(ledger.packed) - ENTRIES_MAX
    if excess <= ENTRIES_MAX * SLACK_RATIO:
        return ledger
    return _fold_excess(ledger, excess)


def _fold_excess(ledger: Ledger, excess: int) -> Ledger:
    if excess <= 0:
        return ledger
    oldest = sorted(tallies.deals(ledger.entries), key=_deal_order)
    gone: list[Deal] = []
    while excess > 0:
        gone.append(oldest[len(gone)])
        excess -= len(gone[-1].entries)
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
    return of(
        left.values(),
        folded=tallies.added(found),
        folded_ids=b"".join(ids)[-FOLDED_IDS_MAX * entries.ID_BYTES :],
        stores=tuple(stores.values()),
    )
