"""All tallies of one row together: what they may take of it."""

from collections.abc import Mapping
from typing import Final

from engine.aggregates import keeping, tallies
from engine.aggregates.tallies import Tally

UNITS_MAX: Final = 4_096
"""Of 16 bytes each: 64 KiB of a row, whatever is defined. Beyond it the largest is made coarser."""


def bounded(known: Mapping[str, Tally]) -> dict[str, Tally]:
    """Make the largest coarser until all of them together are within the bound."""
    kept = dict(known)
    sizes = {name: tallies.units(tally) for name, tally in kept.items()}
    while sum(sizes.values()) > UNITS_MAX:
        largest = max(sizes, key=lambda name: (sizes[name], name))
        kept[largest] = keeping.coarser(kept[largest])
        sizes[largest] = tallies.units(kept[largest])
    return kept


def joined(one: Mapping[str, Tally], other: Mapping[str, Tally]) -> dict[str, Tally]:
    """The tallies of two identities of one person."""
    both = {**other, **one}
    for name in one.keys() & other.keys():
        both[name] = keeping.joined(one[name], other[name])
    return bounded(dict(sorted(both.items())))
