"""More distinct values than a row tells apart: an estimate from the smallest of their hashes.

Values are spread evenly by their hash, so how far the k-th smallest lies from zero says how many
there are (Bar-Yossef et al., "Counting Distinct Elements in a Data Stream", RANDOM 2002). Up to
`VALUES_MAX` values it is exact; beyond, two times of three within 6.3 percent. It depends on the
set of values alone, so ClickHouse, which has the same hash, finds the same number.

No window can roll over it: a hash that was let go for a smaller one cannot come back.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from engine.aggregates.tallies import VALUES_MAX, Cell, Scalar, Tally, Value

SPACE: Final = 2**64
"""Hashes there are."""

ESTIMATE_MAX: Final = 10**12 - 1
"""The greatest number that is compared (`engine.conditions.numbers`)."""


def hashed(value: Scalar) -> str:
    """Sixteen hex digits; SHA-256, since ClickHouse, as embedded, and Python both have it."""
    text = f"1:{str(value).lower()}" if isinstance(value, bool) else f"0:{value}"
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    return f"{number:016x}"


def add(tally: Tally, cell: Cell) -> Tally:
    """Take a value in; of a full sketch those above its last hash are not all there any more."""
    is_above = tally.blurred is not None and tally.cells and cell.tie > tally.cells[-1].tie
    if is_above or any(known.tie == cell.tie for known in tally.cells):
        return tally
    return _kept(tally, (*tally.cells, cell))


def joined(one: Tally, other: Tally) -> Tally:
    """What two identities met: the same as if one had."""
    smaller = min((t for t in (one, other) if t.blurred is not None), key=_size, default=None)
    both = {cell.tie: cell for cell in (*one.cells, *other.cells)}
    found = _kept(one, both.values())
    if smaller is None:
        return found
    # Hashes above the last one that a full sketch kept are not all there any more.
    cells = found.cells[: max(_size(smaller), 1)]
    return msgspec.structs.replace(found, cells=cells, blurred=0)


def coarser(tally: Tally) -> Tally:
    """One hash less, and an estimate from the others."""
    return msgspec.structs.replace(tally, cells=tally.cells[:-1], blurred=0)


def value(tally: Tally) -> Value:
    """How many values there are, and whether that is exact."""
    count = len(tally.cells)
    if tally.blurred is None or count < 2:
        return Value(count, tally.blurred is None)
    estimate = (count - 1) * SPACE // max(int(tally.cells[-1].tie, 16), 1)
    return Value(min(estimate, ESTIMATE_MAX), is_exact=False)


def _size(tally: Tally) -> int:
    return len(tally.cells)


def _kept(tally: Tally, cells: Iterable[Cell]) -> Tally:
    ordered = sorted(cells, key=lambda cell: cell.tie)
    is_full = len(ordered) > VALUES_MAX
    return msgspec.structs.replace(
        tally,
        cells=tuple(ordered[:VALUES_MAX]),
        blurred=0 if is_full else tally.blurred,
    )
