"""Favourite stores: where the customer bought, most receipts first."""

from collections import Counter

from engine.ledger import tallies
from engine.ledger.ledger import Ledger
from engine.ledger.stores import Visited


def of(ledger: Ledger) -> list[Visited]:
    """Every store with a receipt that counts; ties by the last purchase, then by id.

    Of receipts among the folded sums the number is known, their dates are not.
    """
    counts = Counter({store.key: store.folded_count for store in ledger.stores})
    last_at: dict[bytes, int] = {}
    for deal in tallies.deals(ledger.entries):
        purchase = deal.purchase
        if purchase is None or not purchase.store or not tallies.is_counted(deal):
            continue
        counts[purchase.store] += 1
        last_at[purchase.store] = max(
            last_at.get(purchase.store, purchase.occurred_at), purchase.occurred_at
        )
    found = [
        Visited(
            id=store.id,
            name=store.name or None,
            receipts_count=counts[store.key],
            last_at=last_at.get(store.key),
        )
        for store in ledger.stores
        if counts[store.key] > 0
    ]
    return sorted(found, key=_order)


def _order(store: Visited) -> tuple[int, int, str]:
    return -store.receipts_count, -(store.last_at or 0), store.id
