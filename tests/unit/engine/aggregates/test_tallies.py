"""The bounds of what a row keeps of metrics, each at its edge, and that a blurred value says so."""

from decimal import Decimal

import msgspec
import pytest

from engine.aggregates import sequences, shares, tallies
from engine.aggregates.tallies import (
    CELL_UNITS,
    CELLS_MAX,
    OPEN_MAX,
    TIE_CHARS,
    VALUE_CHARS,
    VALUES_MAX,
    Aggregate,
    Cell,
    Tally,
)

NOTHING_OUTSIDE = -1
LATE_BUCKET = 16_000_000
"""Larger than any hour or quarter of our days: five bytes encoded."""


def added(tally: Tally, *cells: Cell) -> Tally:
    for cell in cells:
        tally = tallies.add(tally, cell, last_outside=NOTHING_OUTSIDE)
    return tally


def test_every_hour_of_31_days_is_kept_and_one_more_blurs_the_oldest() -> None:
    full = added(Tally(1, "count"), *(Cell(bucket) for bucket in range(CELLS_MAX)))
    over = added(full, Cell(CELLS_MAX))

    assert (len(full.cells), full.blurred) == (CELLS_MAX, None)
    assert (len(over.cells), over.blurred) == (CELLS_MAX, 1)
    assert tallies.value(over, last_outside=0) == (CELLS_MAX + 1, False)
    assert tallies.value(over, last_outside=1) == (CELLS_MAX - 1, True)


def test_more_values_than_are_told_apart_give_a_lower_bound_that_says_so() -> None:
    full = added(Tally(1, "distinct"), *(Cell(n, tie=str(n)) for n in range(VALUES_MAX)))
    over = added(full, Cell(VALUES_MAX, tie="one more"))

    assert tallies.value(full, last_outside=NOTHING_OUTSIDE) == (VALUES_MAX, True)
    assert tallies.value(over, last_outside=NOTHING_OUTSIDE) == (VALUES_MAX, False)
    assert tallies.value(over, last_outside=0) == (VALUES_MAX, True)


def test_a_purchase_can_be_corrected_until_as_many_came_after_it() -> None:
    first = Cell(0, 1, "10", key="first")
    others = [Cell(n, 1, "1", key=f"k{n}") for n in range(1, OPEN_MAX)]
    still_open = added(Tally(1, "sum"), first, *others)
    closed = added(still_open, Cell(OPEN_MAX, 1, "1", key="last"))

    corrected = added(still_open, Cell(0, 1, "3", key="first"))

    whole = Decimal(OPEN_MAX - 1)
    assert tallies.value(corrected, last_outside=NOTHING_OUTSIDE).value == whole + 3
    assert tallies.without(closed, "first") is closed
    assert tallies.value(closed, last_outside=NOTHING_OUTSIDE).value == whole + 11


@pytest.mark.parametrize("aggregate", list(CELL_UNITS))
def test_a_cell_of_each_kind_takes_no_more_than_its_units(aggregate: Aggregate) -> None:
    told = {"sum", "average", "min", "max"}
    value = "-999999999999999.999999" if aggregate in told else None
    cell = Cell(LATE_BUCKET, 70_000, value, key="f" * 16)
    if aggregate in {"first", "last"}:
        cell = Cell(LATE_BUCKET, 70_000, "v" * VALUE_CHARS, 2**45, "t" * TIE_CHARS, "f" * 16)
    if aggregate == "sequence":
        cell = sequences.cell(sequences.FORBIDDEN, at=2**45, event_id="t" * TIE_CHARS)
    if aggregate in {"distinct", "sketch"}:
        cell = msgspec.structs.replace(cell, tie="f" * 16)

    encoded = msgspec.msgpack.encode(cell)

    assert len(encoded) <= 16 * tallies.units(Tally(1, aggregate, (cell,)))


def test_all_metrics_of_a_row_share_one_bound_and_the_largest_gives_way() -> None:
    small = added(Tally(1, "count"), Cell(0))
    largest = added(Tally(1, "count"), *(Cell(bucket) for bucket in range(CELLS_MAX)))
    known = {f"m{n}": largest for n in range(4)} | {"small": small}

    kept = shares.bounded(known)

    assert sum(map(tallies.units, known.values())) > shares.UNITS_MAX
    assert shares.UNITS_MAX - 2 <= sum(map(tallies.units, kept.values())) <= shares.UNITS_MAX
    assert kept["small"] is small
    assert all(tallies.value(tally, last_outside=NOTHING_OUTSIDE).value for tally in kept.values())


def test_a_hundred_full_metrics_stay_within_64_kib_of_a_row() -> None:
    cells = tuple(
        Cell(LATE_BUCKET + n, 70_000, "v" * VALUE_CHARS, 2**45, "t" * TIE_CHARS) for n in range(60)
    )
    known = {f"{n:064}": Tally(1, "first", cells) for n in range(100)}

    encoded = msgspec.msgpack.encode(shares.bounded(known))

    ids_bytes = 100 * (64 + 32)
    assert len(encoded) <= 64 * 1024 + ids_bytes
