"""Each aggregate with the way it is kept: cells by bucket, smallest hashes, or events in order."""

import msgspec

from engine.aggregates import sequences, sketches, tallies
from engine.aggregates.tallies import Cell, Tally, Value


def add(tally: Tally, cell: Cell, *, last_outside: int) -> Tally:
    """Take a cell in, unless its bucket has left the window."""
    match tally.aggregate:
        case "sketch":
            return sketches.add(tally, cell)
        case "sequence":
            return sequences.add(tally, cell)
        case _:
            return tallies.add(tally, cell, last_outside=last_outside)


def joined(one: Tally, other: Tally) -> Tally:
    """What two identities of one person counted; the newer meaning alone where they differ."""
    if one.version != other.version:
        return max((one, other), key=lambda tally: tally.version)
    match one.aggregate:
        case "sketch":
            both = sketches.joined(one, other)
        case "sequence":
            both = sequences.joined(one, other)
        case _:
            return tallies.joined(one, other)
    return msgspec.structs.replace(both, filled=tallies.filled(one, other))


def coarser(tally: Tally) -> Tally:
    """One cell less."""
    match tally.aggregate:
        case "sketch":
            return sketches.coarser(tally)
        case "sequence":
            return sequences.coarser(tally)
        case _:
            return tallies.coarser(tally)


def value(tally: Tally, *, last_outside: int) -> Value:
    """Sum up what the window holds."""
    match tally.aggregate:
        case "sketch":
            return sketches.value(tally)
        case "sequence":
            return sequences.value(tally)
        case _:
            return tallies.value(tally, last_outside=last_outside)
