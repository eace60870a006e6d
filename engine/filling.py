"""The past of a new definition, filled into the row: what it comes to had it always been counted.

    before the `switch` that brings the definition in    the API counts it, from the stored log
    from it on                                           the row counts it
    `Backfilled`                                         both together, once for each identity

Corrections and returns that came between the `switch` and the command go by the row: it has the
ledger, and it kept the newer versions (`Tally.corrected`).
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from engine import counting, purchase_counting
from engine.aggregates import contributions, keeping, shares
from engine.aggregates.tallies import Tally
from engine.commands import Backfilled
from engine.customer import Customer
from engine.definitions.counters import Counter, Counters

_decode: Final = msgspec.json.Decoder(dict[str, Tally]).decode


def told(past: Mapping[str, Tally]) -> msgspec.Raw:
    """Tallies as the command has them."""
    return msgspec.Raw(msgspec.json.encode(past))


def fill(customer: Customer, event: Backfilled, counters: Counters, *, now: int) -> Customer:
    """Join what is still counted with the same meaning; a second time changes nothing."""
    mark = contributions.hashed(event.origin)
    filled: dict[str, Tally] = {}
    for name, past in _decode(event.tallies).items():
        counter = counters.by_id.get(name)
        if counter is None or counter.version != past.version:
            # Withdrawn, or redefined, while the past was read.
            continue
        known = counting.known_tally(customer.tallies, counter)
        if mark not in known.filled:
            filled[name] = _joined(customer, counter, known, past=past, mark=mark, now=now)
    if not filled:
        return customer
    kept = {name: tally for name, tally in customer.tallies.items() if name in counters.by_id}
    return msgspec.structs.replace(customer, tallies=shares.bounded({**kept, **filled}))


def _joined(
    customer: Customer, counter: Counter, known: Tally, *, past: Tally, mark: str, now: int
) -> Tally:
    outside = counter.measure.last_outside(now)
    both = keeping.joined(known, msgspec.structs.replace(past, filled=(mark,)))
    within = tuple(cell for cell in both.cells if cell.bucket > outside)
    both = msgspec.structs.replace(both, cells=within)
    return purchase_counting.netted(customer, counter, both)
