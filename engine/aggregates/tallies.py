"""What a row keeps of one metric, and what it costs.

A cell holds what fell into one bucket of the window (`engine.windows`), of a metric without a
window what fell into all of time. Purchases have a cell each while they may still be corrected. Of
distinct values there is a cell for each, with the last bucket it was seen in.
"""

from decimal import Decimal
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

from engine.windows import Calendar, Window

Asked: TypeAlias = Literal["count", "sum", "average", "min", "max", "first", "last", "distinct"]
"""What a metric may be."""

Aggregate: TypeAlias = Literal[Asked, "sketch", "sequence"]
"""And how rows keep what else rules ask (`engine.aggregates.sketches`, `sequences`)."""

Scalar: TypeAlias = str | int | bool
"""Exact numbers are decimal text."""

CELLS_MAX: Final = 744
"""Of one metric: every hour of 31 days. A longer window is exact unless that many hours had one."""

VALUES_MAX: Final = 256
"""Distinct values of one metric that are told apart; beyond it the count is a lower bound."""

OPEN_MAX: Final = 64
"""The last purchases of one metric that can still be corrected or returned."""

FILLED_MAX: Final = 64
"""Identities whose past was filled in; 16 bytes each. The first leaves."""

TIE_CHARS: Final = 36
"""Of an event's id, by which events of the same millisecond are ordered: a UUID's length."""

VALUE_CHARS: Final = 64
"""Of a text that is kept as first or last; the rest is cut off."""

CELL_UNITS: Final[dict[Aggregate, int]] = {
    "count": 1,
    "sum": 3,
    "average": 3,
    "min": 3,
    "max": 3,
    "first": 9,
    "last": 9,
    "distinct": 2,
    "sketch": 2,
    "sequence": 4,
}
"""What a cell takes, rounded up, in units of 16 bytes; an open purchase takes one more."""


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """One bucket, one purchase, or one distinct value."""

    bucket: int
    count: int = 1
    """0: a purchase that was cancelled or given back, which may be taken back."""
    value: Scalar | None = None
    """Sum, least or greatest as decimal text; of `first` and `last` what was said."""
    at: int = 0
    tie: str = ""
    """The start of the event's id; of a distinct value its hash."""
    key: str = ""
    """Hash of a purchase's id while it may be corrected."""


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """What was counted since the definition has this meaning."""

    version: int
    """Revision of the definition that gave it its meaning."""
    aggregate: Aggregate
    cells: tuple[Cell, ...] = ()
    """By bucket, the oldest first."""
    blurred: int | None = None
    """The newest bucket that took in an older one or lost a value, to stay within the bounds."""
    corrected: tuple[Cell, ...] = ()
    """Newer versions of purchases from before it was counted: they go, once these are filled in."""
    filled: tuple[str, ...] = ()
    """Whose past was filled in, as hashes of row keys."""
    state: tuple[int | None, ...] = ()
    """Of sequences: `engine.aggregates.sequences`."""


class Measure(NamedTuple):
    """How cells are made and summed up."""

    aggregate: Aggregate
    window: Window | Calendar | None
    begin: tuple[int | None, ...] = ()
    """The state of a tally that has met nothing."""

    def bucket(self, at: int) -> int:
        """The bucket of an instant; without a window all are one."""
        return 0 if self.window is None else self.window.bucket(at)

    def last_outside(self, now: int) -> int:
        """The newest bucket that does not count any more."""
        return -1 if self.window is None else self.window.last_outside(now)


class Value(NamedTuple):
    """What a metric comes to at an instant."""

    value: Scalar | Decimal | None
    """None: nothing to take the average, the least or the first of."""
    is_exact: bool
    """Whether no bound of the row was met; a distinct count is a lower bound then."""


def add(tally: Tally, cell: Cell, *, last_outside: int) -> Tally:
    """Take a cell in, unless its bucket has left the window; a purchase replaces what it was."""
    tally = without(tally, cell.key) if cell.key else tally
    if cell.bucket <= last_outside:
        return tally
    cells = [known for known in tally.cells if known.bucket > last_outside]
    return _within_bounds(_with(tally, _inserted(cells, cell, tally.aggregate)))


def without(tally: Tally, key: str) -> Tally:
    """Take a purchase out, as long as it is open."""
    kept = [cell for cell in tally.cells if cell.key != key]
    return tally if len(kept) == len(tally.cells) else _with(tally, kept)


def correct(tally: Tally, cell: Cell) -> Tally:
    """Keep what a purchase is by now that may yet be filled in; the oldest ones leave."""
    others = (known for known in tally.corrected if known.key != cell.key)
    corrected = sorted((*others, cell), key=lambda known: (known.bucket, known.key))
    return msgspec.structs.replace(tally, corrected=tuple(corrected[-OPEN_MAX:]))


def joined(one: Tally, other: Tally) -> Tally:
    """What two identities of one person counted, of one meaning.

    Of a purchase that both have open the cell of the first goes.
    """
    cells = list(one.cells)
    open_keys = {cell.key for cell in cells if cell.key}
    for cell in other.cells:
        if cell.key not in open_keys:
            cells = _inserted(cells, cell, one.aggregate)
    blurred = [tally.blurred for tally in (one, other) if tally.blurred is not None]
    both = Tally(
        one.version,
        one.aggregate,
        tuple(cells),
        max(blurred, default=None),
        filled=filled(one, other),
    )
    for cell in (*other.corrected, *one.corrected):
        both = _corrected(both, cell)
    return _within_bounds(both)


def filled(one: Tally, other: Tally) -> tuple[str, ...]:
    """Whose past was filled into either."""
    return tuple(dict.fromkeys((*other.filled, *one.filled)))[-FILLED_MAX:]


def _corrected(tally: Tally, cell: Cell) -> Tally:
    """Put the newer version in the place of an open purchase; keep it where there is none yet."""
    left = without(tally, cell.key)
    if left is tally:
        return correct(tally, cell)
    return _with(left, _inserted(list(left.cells), cell, tally.aggregate))


def coarser(tally: Tally) -> Tally:
    """One cell less: the oldest goes into the next, and is counted as long as that one.

    A distinct value is forgotten instead, the one not seen for longest. Open purchases go last,
    and are closed first.
    """
    closed = [place for place, cell in enumerate(tally.cells) if not cell.key]
    if tally.aggregate == "distinct" and closed:
        gone = tally.cells[closed[0]]
        return _with(tally, _removed(tally, closed[0]), blurred=gone.bucket)
    if len(closed) < 2:
        return _sealed(tally)
    older, newer = tally.cells[closed[0]], tally.cells[closed[1]]
    cells = list(tally.cells)
    cells[closed[1]] = merged(tally.aggregate, older, newer)
    del cells[closed[0]]
    return _with(tally, cells, blurred=newer.bucket)


def units(tally: Tally) -> int:
    """What the tally takes at most, in units of 16 bytes."""
    cells_count = len(tally.cells) + len(tally.corrected)
    return cells_count * (CELL_UNITS[tally.aggregate] + 1) + len(tally.filled)


def value(tally: Tally, *, last_outside: int) -> Value:
    """Sum up what the window holds."""
    cells = [cell for cell in tally.cells if cell.bucket > last_outside and cell.count]
    is_exact = tally.blurred is None or tally.blurred <= last_outside
    return Value(_summed(tally.aggregate, cells), is_exact)


def averaged(total: Decimal, count: int) -> Decimal:
    """Total by count, to six decimals."""
    return round(total / count, 6)


def merged(aggregate: Aggregate, older: Cell, newer: Cell) -> Cell:
    """Two cells as one, in the bucket of the second."""
    count = older.count + newer.count
    match aggregate:
        case "count" | "distinct":
            return msgspec.structs.replace(newer, count=count)
        case "sum" | "average":
            total = _number(older) + _number(newer)
            return msgspec.structs.replace(newer, count=count, value=f"{total:f}")
        case "first" | "last":
            places = sorted((older, newer), key=_place)
            told = places[0] if aggregate == "first" else places[1]
            return msgspec.structs.replace(
                newer, count=count, value=told.value, at=told.at, tie=told.tie
            )
        case _:
            pick = min if aggregate == "min" else max
            extreme = pick((older, newer), key=_number)
            return msgspec.structs.replace(newer, count=count, value=extreme.value)


def _with(tally: Tally, cells: list[Cell], *, blurred: int | None = None) -> Tally:
    if blurred is not None and tally.blurred is not None:
        blurred = max(blurred, tally.blurred)
    newest = tally.blurred if blurred is None else blurred
    return msgspec.structs.replace(tally, cells=tuple(cells), blurred=newest)


def _within_bounds(tally: Tally) -> Tally:
    while sum(1 for cell in tally.cells if cell.key) > OPEN_MAX:
        tally = _sealed(tally)
    most = VALUES_MAX if tally.aggregate == "distinct" else CELLS_MAX
    while len(tally.cells) > most:
        tally = coarser(tally)
    return tally


def _inserted(cells: list[Cell], cell: Cell, aggregate: Aggregate) -> list[Cell]:
    """Join the cell that stands for the same, or take its place by bucket."""
    if not cell.key:
        for place in range(len(cells) - 1, -1, -1):
            known = cells[place]
            if not known.key and _is_same(known, cell, aggregate):
                older, newer = sorted((known, cell), key=lambda one: one.bucket)
                cells = [*cells[:place], *cells[place + 1 :]]
                cell = merged(aggregate, older, newer)
                break
    place = len(cells)
    while place and cells[place - 1].bucket > cell.bucket:
        place -= 1
    return [*cells[:place], cell, *cells[place:]]


def _is_same(known: Cell, cell: Cell, aggregate: Aggregate) -> bool:
    if aggregate == "distinct":
        return known.tie == cell.tie
    # The last of all is the last of any window that holds it: older buckets cannot come back.
    return aggregate == "last" or known.bucket == cell.bucket


def _sealed(tally: Tally) -> Tally:
    """Close the oldest open purchase: from now on it is a part of its bucket."""
    place = next(place for place, cell in enumerate(tally.cells) if cell.key)
    others = _removed(tally, place)
    if not tally.cells[place].count:
        return _with(tally, others)
    closed = msgspec.structs.replace(tally.cells[place], key="")
    return _with(tally, _inserted(others, closed, tally.aggregate))


def _removed(tally: Tally, place: int) -> list[Cell]:
    return [*tally.cells[:place], *tally.cells[place + 1 :]]


def _summed(aggregate: Aggregate, cells: list[Cell]) -> Scalar | Decimal | None:
    match aggregate:
        case "count":
            return sum(cell.count for cell in cells)
        case "distinct":
            return len({cell.tie for cell in cells})
        case "sum":
            return sum(map(_number, cells), Decimal(0))
        case "average":
            count = sum(cell.count for cell in cells)
            return averaged(sum(map(_number, cells), Decimal(0)), count) if count else None
        case "first" | "last":
            places = sorted(cells, key=_place)
            return places[0 if aggregate == "first" else -1].value if places else None
        case _:
            found = list(map(_number, cells))
            pick = min if aggregate == "min" else max
            return pick(found) if found else None


def _number(cell: Cell) -> Decimal:
    return Decimal(str(cell.value))


def _place(cell: Cell) -> tuple[int, str]:
    return cell.at, cell.tie
