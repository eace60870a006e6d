"""Which of the watches that read what an event changed can have come to another answer.

A view changes a count that a hundred watches read, and few verdicts: it is looked at once which of
their thresholds it touched, and the others are left alone.

    at least ...       1     2     3     4     5
    before            10h   10h    8h    8h    7h      the bucket of that view, the newest first
    after a view      10h   10h   10h    8h    8h      3 and 5 differ: now, or when time turns them
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple, TypeAlias

from engine import counting
from engine.aggregates.tallies import Tally
from engine.judging.leaves import Leaf, Moment, never

_ALIKE: Final = frozenset({str, int, bool, type(None)})
"""Equal ones of a kind compare alike; in a list 1 and true are equal, and compare otherwise."""


class Both(NamedTuple):
    """A customer before an event and after it, at one instant."""

    before: Moment
    after: Moment


class Counts:
    """Watches that ask whether one count is as great as something."""

    __slots__ = ("_asked", "_counter", "_watches")

    def __init__(self, counter: str, asked: Iterable[tuple[str, Leaf]]) -> None:
        self._counter = counter
        by_turn: defaultdict[int, set[str]] = defaultdict(set)
        for watch, leaf in asked:
            for turn in leaf.turns or ():
                by_turn[turn].add(watch)
        self._asked = sorted(by_turn)
        self._watches = [by_turn[turn] for turn in self._asked]

    def differing(self, both: Both) -> Iterator[str]:
        """Those for which the answer, or the time at which it turns, is another one."""
        was, now = (self._newest(moment) for moment in both)
        if was == now:
            return
        for watches, one, other in zip_longest(self._watches, was, now):
            if one != other:
                yield from watches

    def _newest(self, moment: Moment) -> list[int]:
        """The bucket of the last that was counted, the third last: of the places asked for."""
        counter = moment.definitions.counters.by_id.get(self._counter)
        if counter is None:
            return []
        return newest(counting.known_tally(moment.customer.tallies, counter), self._asked)


def newest(tally: Tally, places: list[int]) -> list[int]:
    """The bucket of what was counted in each place from the end, ascending and from 1 on."""
    found: list[int] = []
    is_distinct, count = tally.aggregate == "distinct", 0
    for cell in reversed(tally.cells):
        if len(found) == len(places):
            break
        if cell.count:
            count += 1 if is_distinct else cell.count
        while len(found) < len(places) and places[len(found)] <= count:
            found.append(cell.bucket)
    return found


class Values:
    """Watches that compare one value, which time leaves alone."""

    __slots__ = ("_asked",)

    def __init__(self, asked: Iterable[tuple[str, Leaf]]) -> None:
        self._asked = list(asked)

    def differing(self, both: Both) -> Iterator[str]:
        """Those for which the answer is another one."""
        read, now = self._asked[0][1].read, both.after.now
        before, after = map(read, both)
        if before == after and type(before) is type(after) in _ALIKE:
            return
        for watch, leaf in self._asked:
            if leaf.test(before, now) != leaf.test(after, now):
                yield watch


Screen: TypeAlias = Counts | Values


def of(asked: Sequence[tuple[str, Leaf]]) -> Screen:
    """The screen of questions, each with its watch, which `is_screened` and read the same."""
    _, first = asked[0]
    return Values(asked) if first.turns is None else Counts(first.counter, asked)


def is_screened(leaf: Leaf) -> bool:
    """Whether it can be told so."""
    return leaf.turns is not None or (leaf.shared is not None and leaf.edges is never)
