"""One event after another within a time, and none of a third kind between: when it came last.

    steps A, B, C within 1h          starts   [ of A..  | of A, B.. ]   the latest of each
    A ─────── A ── B ──────── C         an event that is a step takes the chain before it further,
              └──────── 1h ───┘         if it began within the time; the latest beginning is best

Only the latest beginning of each part matters, so what has happened in order comes to a few numbers
(`Tally.state`), and only the last events are kept, for those that come late. What comes later than
`KEPT_MAX` others of the same sequence is passed over, and the tally says so.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from engine.aggregates.tallies import TIE_CHARS, Cell, Tally, Value
from engine.rules import limits

KEPT_MAX: Final = 32
"""Events of one sequence whose order can still turn out another; 80 bytes each."""

FORBIDDEN: Final = 1 << limits.STEPS_MAX
"""Bit of an event that must not lie between; those of the steps are 1, 2, 4, ..."""

State = tuple[int | None, ...]


class Chain(NamedTuple):
    """Where a sequence stands; times are epoch ms."""

    within_ms: int
    folded_at: int | None
    """The newest event that is in here and kept no more."""
    starts: list[int | None]
    """The latest beginning of a chain of one step, of two, ...; without the last."""
    ended_at: int | None
    """When the whole came to its end last."""


def begin(*, steps_count: int, within_ms: int) -> State:
    """The state of a sequence of which nothing has happened."""
    return (within_ms, None, *[None] * (steps_count - 1), None)


def cell(mask: int, *, at: int, event_id: str) -> Cell:
    """An event that is one of the steps or must not lie between, by the bits of `mask`."""
    return Cell(0, 1, mask, at, event_id[:TIE_CHARS])


def add(tally: Tally, found: Cell) -> Tally:
    """Take an event in, at its place by time."""
    folded_at = _chain(tally).folded_at
    if folded_at is not None and found.at < folded_at:
        return msgspec.structs.replace(tally, blurred=0)
    return _kept(tally, (*tally.cells, found))


def joined(one: Tally, other: Tally) -> Tally:
    """What two identities did, as if one had; exact while what was folded came before the rest."""
    first, second = _chain(one), _chain(other)
    for base, later in ((one, other), (other, one)):
        if _chain(later).folded_at is None and _is_before(_chain(base), later.cells):
            return _kept(base, (*base.cells, *later.cells))
    starts = [_later(a, b) for a, b in zip(first.starts, second.starts, strict=True)]
    folded_at, ended_at = (
        _later(first.folded_at, second.folded_at),
        _later(first.ended_at, second.ended_at),
    )
    state = (first.within_ms, folded_at, *starts, ended_at)
    return _kept(msgspec.structs.replace(one, state=state, blurred=0), (*one.cells, *other.cells))


def coarser(tally: Tally) -> Tally:
    """One event less: its place in the order is settled."""
    oldest, *others = tally.cells
    state = _state(_after(_chain(tally), [oldest]), folded_at=oldest.at)
    return msgspec.structs.replace(tally, cells=tuple(others), state=state)


def value(tally: Tally) -> Value:
    """When the sequence came to its end last, epoch ms; None: never."""
    ended_at = _after(_chain(tally), tally.cells).ended_at if tally.state else None
    return Value(ended_at, tally.blurred is None)


def _is_before(chain: Chain, cells: Iterable[Cell]) -> bool:
    folded_at = chain.folded_at
    return folded_at is None or all(one.at >= folded_at for one in cells)


def _kept(tally: Tally, cells: Iterable[Cell]) -> Tally:
    ordered = tuple(sorted(cells, key=lambda one: (one.at, one.tie)))
    tally = msgspec.structs.replace(tally, cells=ordered)
    while len(tally.cells) > KEPT_MAX:
        tally = coarser(tally)
    return tally


def _chain(tally: Tally) -> Chain:
    within_ms, folded_at, *starts, ended_at = tally.state
    assert within_ms is not None, "a sequence begins with its time"
    return Chain(within_ms, folded_at, starts, ended_at)


def _state(chain: Chain, *, folded_at: int) -> State:
    return (chain.within_ms, folded_at, *chain.starts, chain.ended_at)


def _after(chain: Chain, cells: Iterable[Cell]) -> Chain:
    """The chain after more events, in order."""
    within_ms, _, starts, ended_at = chain
    last = len(starts)
    for one in cells:
        mask, before = int(one.value or 0), list(starts)
        if mask & FORBIDDEN:
            starts = [None] * last
        for place in range(1, last + 1):
            start = before[place - 1]
            if not mask & 1 << place or start is None or one.at - start > within_ms:
                continue
            if place == last:
                ended_at = _later(ended_at, one.at)
            elif not mask & FORBIDDEN:
                starts = [*starts[:place], _later(starts[place], start), *starts[place + 1 :]]
        if mask & 1:
            starts = [one.at, *starts[1:]]
    return chain._replace(starts=starts, ended_at=ended_at)


def _later(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else max(one, other)
