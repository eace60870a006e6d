"""Comparisons with dates: what holds of a day or an instant, and when time turns it round.

A day is compared as a day, in the zone that the rule names. An instant and a length of hours are
compared to the millisecond; an instant and a length of months by the day it falls on.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeAlias

from engine import dates
from engine.conditions.nodes import Operand
from engine.dates import Moment, Span

Test: TypeAlias = Callable[[object, str, int], bool]
"""What was said, the zone, and now in epoch ms."""

Edges: TypeAlias = Callable[[object, str, int], Iterator[int]]


def tested(comparison: str, operand: Operand) -> Test:
    """Make a function of a comparison; what is no date holds of nothing."""
    holds = _holding(comparison, operand)

    def test(said: object, zone: str, now: int) -> bool:
        moment = dates.read(said)
        return moment is not None and holds(moment, zone, now)

    return test


def edges(comparison: str, operand: Operand) -> Edges:
    """Instants at which the answer may change: no others, as far as a year ahead."""
    asked = _EDGES.get(comparison)

    def found(said: object, zone: str, now: int) -> Iterator[int]:
        moment = dates.read(said)
        if asked is not None and moment is not None:
            yield from asked(moment, operand, zone, now)

    return found


_Held: TypeAlias = Callable[[Moment, str, int], bool]


def _holding(comparison: str, operand: Operand) -> _Held:  # noqa: PLR0911 one arm each
    match comparison, operand:
        case "before", str():
            limit = _read(operand)
            return lambda moment, zone, _: _order(moment, limit, zone) < 0
        case "after", str():
            limit = _read(operand)
            return lambda moment, zone, _: _order(moment, limit, zone) > 0
        case "on", str():
            limit = _read(operand)
            return lambda moment, zone, _: dates.local(moment, zone) == limit
        case "between", (str() as first, str() as last):
            lowest, highest = _read(first), _read(last)
            return lambda moment, zone, _: (
                _order(moment, lowest, zone) >= 0 and _order(moment, highest, zone) <= 0
            )
        case "in_last" | "in_next" | "more_than_ago", str():
            return _within(comparison, dates.span(operand))
        case "anniversary_in", (int() as first, int() as last):
            return lambda moment, zone, now: _is_anniversary(
                dates.local(moment, zone), dates.local(now, zone), first, last
            )
        case "day_of_week", _:
            wanted = operand if isinstance(operand, tuple) else (operand,)
            return lambda moment, zone, _: dates.local(moment, zone).isoweekday() in wanted
        case "same_month", _:
            return lambda moment, zone, now: (
                dates.local(moment, zone).month == dates.local(now, zone).month
            )
        case _:
            return lambda *_: False


def _read(text: str) -> Moment:
    found = dates.read(text)
    assert found is not None, "checked when the rule was saved"
    return found


def _order(one: Moment, other: Moment, zone: str) -> int:
    """Below, equal or above; by days as soon as one of them is a day."""
    if isinstance(one, int) and isinstance(other, int):
        return (one > other) - (one < other)
    first, second = dates.local(one, zone), dates.local(other, zone)
    return (first > second) - (first < second)


def _is_by_day(moment: Moment, span: Span) -> bool:
    return isinstance(moment, date) or bool(span.months)


def _within(comparison: str, span: Span) -> _Held:
    def holds(moment: Moment, zone: str, now: int) -> bool:
        if isinstance(moment, int) and not span.months:
            return _is_near(comparison, moment - now, span.ms)
        day, today = dates.local(moment, zone), dates.local(now, zone)
        match comparison:
            case "in_last":
                return dates.before(today, span) <= day <= today
            case "in_next":
                return today <= day <= dates.after(today, span)
            case _:
                return day < dates.before(today, span)

    return holds


def _is_near(comparison: str, ahead_ms: int, length_ms: int) -> bool:
    match comparison:
        case "in_last":
            return -length_ms <= ahead_ms <= 0
        case "in_next":
            return 0 <= ahead_ms <= length_ms
        case _:
            return ahead_ms < -length_ms


def _is_anniversary(day: date, today: date, first: int, last: int) -> bool:
    return any(
        first <= (dates.anniversary(day, year) - today).days <= last
        for year in (today.year - 1, today.year, today.year + 1)
    )


def _span_edges(moment: Moment, operand: Operand, zone: str, _: int) -> Iterator[int]:
    span = dates.span(str(operand))
    if isinstance(moment, int) and not span.months:
        yield from (moment - span.ms, moment, moment + 1, moment + span.ms + 1)
        return
    day = dates.local(moment, zone)
    for turn in (day, dates.before(day, span), dates.after(day, span)):
        # A month back from the 31st is the 28th, and so are three days before it.
        for slack in range(-4, 5):
            yield dates.begins(turn + timedelta(days=slack), zone)


def _anniversary_edges(moment: Moment, operand: Operand, zone: str, now: int) -> Iterator[int]:
    assert isinstance(operand, tuple), "checked when the rule was saved"
    first, last = int(operand[0]), int(operand[1])
    day, this_year = dates.local(moment, zone), dates.local(now, zone).year
    for year in range(this_year - 1, this_year + 3):
        turn = dates.anniversary(day, year)
        yield dates.begins(turn - timedelta(days=last), zone)
        yield dates.begins(turn - timedelta(days=first - 1), zone)


def _month_edges(_: Moment, __: Operand, zone: str, now: int) -> Iterator[int]:
    begin = dates.local(now, zone).replace(day=1)
    for months in range(1, 14):
        yield dates.begins(dates.moved(begin, months), zone)


_EDGES = {
    "in_last": _span_edges,
    "in_next": _span_edges,
    "more_than_ago": _span_edges,
    "anniversary_in": _anniversary_edges,
    "same_month": _month_edges,
}
