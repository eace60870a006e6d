"""Questions of what events and purchases come to: the value now, and when its window turns it."""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from engine import counting
from engine.aggregates import fading
from engine.aggregates.fading import Fading
from engine.conditions import evaluation, numbers
from engine.conditions.nodes import Comparison, Operand
from engine.definitions.counters import Counter
from engine.definitions.demands import Demand
from engine.judging import doubts
from engine.judging.leaves import Leaf, Moment, Value, never, plain

_COUNTS: Final = frozenset({"count", "distinct"})


def leaf(own: str, demand: Demand, comparison: Comparison, operand: Operand) -> Leaf:
    """Compare what a demand comes to.

    Args:
        own: The node's id.
    """
    compared = evaluation.tested(comparison, operand)

    def test(value: Value, _: int) -> bool:
        return compared(value)

    if demand.aggregate not in _COUNTS or demand.approximate:
        return Leaf(own, value_of(demand), test, edges_of(demand.id))
    turns, counter = _turning(compared, operand), demand.id
    found = Leaf(own, _count_of(counter), test, never, turns=turns, counter=counter)
    if not _is_moving(demand):
        return found
    turns_at = None if demand.window is None else _turns_at(counter, compared, turns)
    return found._replace(edges=_sinks(counter, turns), turns_at=turns_at)


def value_of(demand: Demand) -> Callable[[Moment], Value]:
    """Missing, and so false, while nothing counts it yet."""

    def read(moment: Moment) -> Value:
        counter = moment.definitions.counters.by_id.get(demand.id)
        return None if counter is None else value(moment, counter)

    return read


def value(moment: Moment, counter: Counter) -> Value:
    """What a metric of the shop's own, or a demand, comes to."""
    if counter.is_warming:
        return doubts.unknown()
    return plain(counting.value(moment.customer, counter, now=moment.now).value)


def edges_of(counter_id: str) -> Callable[[Moment], Iterable[int]]:
    """When buckets leave the window."""

    def edges(moment: Moment) -> Iterator[int]:
        counter = moment.definitions.counters.by_id.get(counter_id)
        if counter is None or counter.measure.window is None:
            return
        tally = counting.known_tally(moment.customer.tallies, counter)
        yield from {counter.measure.window.leaves_at(cell.bucket) for cell in tally.cells}

    return edges


def _is_moving(demand: Demand) -> bool:
    if demand.window is not None:
        return True
    return demand.period is not None and demand.period.last is not None


def _count_of(counter_id: str) -> Callable[[Moment], Value]:
    def read(moment: Moment) -> Value:
        found = _fading(moment, counter_id)
        if found is None:
            # Nothing counts it yet, or what came before is not filled in.
            return doubts.unknown() if counter_id in moment.definitions.counters.by_id else None
        return found.count(moment.now)

    return read


def _sinks(counter_id: str, turns: tuple[int, ...]) -> Callable[[Moment], Iterable[int]]:
    """When the count sinks below what turns the verdict."""

    def edges(moment: Moment) -> Iterator[int]:
        found = _fading(moment, counter_id)
        if found is None:
            return
        for count in turns:
            at = found.below_at(count)
            if at is not None:
                yield at

    return edges


def _turns_at(
    counter_id: str, holds: Callable[[object], bool], turns: tuple[int, ...]
) -> Callable[[Moment], int | None]:
    """Of a rolling window: exactly when the verdict is another one."""

    def turns_at(moment: Moment) -> int | None:
        found = _fading(moment, counter_id)
        if found is None:
            return None
        left = found.count(moment.now)
        was = holds(left)
        for count in turns:
            at = found.below_at(count) if count <= left else None
            if at is None:
                continue
            left = found.count(at)
            if holds(left) != was:
                return at
        return None

    return turns_at


def _fading(moment: Moment, counter_id: str) -> Fading | None:
    """Added up once for all the rules that are asked together; None where it is not known."""
    known = moment.known
    if known is not None and counter_id in known.fadings:
        return known.fadings[counter_id]
    counter = moment.definitions.counters.by_id.get(counter_id)
    if counter is None or counter.is_warming:
        return None
    tally = counting.known_tally(moment.customer.tallies, counter)
    found = fading.of(tally, counter.measure)
    if known is not None:
        known.fadings[counter_id] = found
    return found


def _turning(holds: Callable[[object], bool], operand: Operand) -> tuple[int, ...]:
    """The counts of which the verdict is another than of one less, the greatest first."""
    near: set[int] = set()
    for one in operand if isinstance(operand, tuple) else (operand,):
        exact = numbers.exact(one)
        if exact is not None:
            near |= {math.floor(exact), math.floor(exact) + 1}
    turning = (one for one in near if one > 0 and holds(one) != holds(one - 1))
    return tuple(sorted(turning, reverse=True))
