"""How many different values there are, beyond what a row tells apart."""

from engine.aggregates import shares, sketches
from engine.aggregates.tallies import VALUES_MAX, Cell, Tally


def met(*values: int | str | bool) -> Tally:
    tally = Tally(1, "sketch")
    for value in values:
        tally = sketches.add(tally, Cell(0, tie=sketches.hashed(value)))
    return tally


def test_few_values_are_counted_exactly() -> None:
    """d.3 7: exact below a size, a sketch above it, and the tally knows which."""
    assert sketches.value(met(*range(VALUES_MAX), *range(VALUES_MAX))) == (VALUES_MAX, True)


def test_many_values_are_estimated_within_what_is_said() -> None:
    for count in (VALUES_MAX + 1, 1_000, 20_000):
        value, is_exact = sketches.value(met(*range(count)))

        assert isinstance(value, int)
        assert not is_exact
        assert abs(value - count) < 0.19 * count, "three times the usual error"


def test_the_order_in_which_they_came_does_not_show() -> None:
    assert met(*range(1_000)) == met(*reversed(range(1_000)))


def test_a_yes_is_no_text_and_a_number_is_what_it_reads() -> None:
    values: list[bool | str | int] = [True, "true", 1, "1"]

    assert sketches.value(met(*values)).value == 3


def test_two_identities_met_what_both_met() -> None:
    one, other = met(*range(700)), met(*range(400, 1_000))

    assert sketches.joined(one, other) == met(*range(1_000))
    assert sketches.joined(met(1), met(1, 2)) == met(1, 2)


def test_a_sketch_that_had_to_shrink_still_estimates() -> None:
    tally = met(*range(2_000))
    for _ in range(VALUES_MAX // 2):
        tally = sketches.coarser(tally)
    before = sketches.value(tally)
    again = sketches.add(tally, Cell(0, tie="f" * 16))

    assert isinstance(before.value, int)
    assert abs(before.value - 2_000) < 0.3 * 2_000
    assert again == tally, "what lies above its last hash was let go before"


def test_a_row_that_is_too_full_makes_the_largest_coarser() -> None:
    full = {str(n): met(*range(n, n + 300)) for n in range(12)}

    assert sum(len(one.cells) for one in shares.bounded(full).values()) < 12 * VALUES_MAX
