"""Repetition by RFC 5545, as far as dates on a calendar go: `FREQ=MONTHLY;BYDAY=-1FR`.

Each year of a rule is laid out by itself, so the search for the next date is bounded whatever the
rule says. A library that goes from date to date never comes back from a rule that has none
(`FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30`); the tests hold ours to python-dateutil. Weekdays with and
without a number beside each other are joined, as the RFC says; there, python-dateutil intersects.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

Frequency: TypeAlias = Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]

WEEK: Final = timedelta(days=7)

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class NthDay(NamedTuple):
    """A weekday, Monday 0; of the month or the year the nth, counted from the end if negative."""

    weekday: int
    nth: int | None


class Repetition(msgspec.Struct, frozen=True):
    """A rule, read; what it leaves out is empty."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    """The last moment, as local clocks show it, or in UTC if it has that zone."""
    week_start: int = 0
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[NthDay, ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()


def in_year(rule: Repetition, start: datetime, year: int) -> list[datetime]:
    """What the rule gives in a year from its start on, in order; COUNT and UNTIL are not asked."""
    full = _with_defaults(rule, start)
    periods = _PERIODS[rule.frequency](full, start, year)
    found = chain.from_iterable(_of_period(full, days) for days in periods)
    return sorted({at for at in found if at >= start and at.year == year})


def _with_defaults(rule: Repetition, start: datetime) -> Repetition:
    """What a rule does not say is that of its start."""
    hours = rule.by_hour or (start.hour,)
    full = msgspec.structs.replace(rule, by_hour=hours, by_minute=rule.by_minute or (start.minute,))
    if rule.by_day or rule.by_month_day or rule.frequency == "DAILY":
        return full
    if rule.frequency == "WEEKLY":
        return msgspec.structs.replace(full, by_day=(NthDay(start.weekday(), None),))
    if rule.frequency == "YEARLY":
        full = msgspec.structs.replace(full, by_month=rule.by_month or (start.month,))
    return msgspec.structs.replace(full, by_month_day=(start.day,))


def _years(rule: Repetition, start: datetime, year: int) -> Iterator[Sequence[date]]:
    if (year - start.year) % rule.interval == 0:
        yield _span(date(year, 1, 1), date(year + 1, 1, 1))


def _months(rule: Repetition, start: datetime, year: int) -> Iterator[Sequence[date]]:
    for month in range(1, 13):
        passed = (year - start.year) * 12 + month - start.month
        if passed % rule.interval == 0:
            yield _span(date(year, month, 1), _next_month(year, month))


def _weeks(rule: Repetition, start: datetime, year: int) -> Iterator[Sequence[date]]:
    first = _week_of(start.date(), rule.week_start)
    week = _week_of(date(year, 1, 1), rule.week_start)
    while week.year <= year:
        if (week - first) // WEEK % rule.interval == 0:
            yield _span(week, week + WEEK)
        week += WEEK


def _single_days(rule: Repetition, start: datetime, year: int) -> Iterator[Sequence[date]]:
    for day in _span(date(year, 1, 1), date(year + 1, 1, 1)):
        if (day - start.date()).days % rule.interval == 0:
            yield [day]


_PERIODS: Final[
    Mapping[Frequency, Callable[[Repetition, datetime, int], Iterator[Sequence[date]]]]
] = {"YEARLY": _years, "MONTHLY": _months, "WEEKLY": _weeks, "DAILY": _single_days}
"""The days of every interval that a rule reaches and a year touches."""


def _of_period(rule: Repetition, days: Sequence[date]) -> list[datetime]:
    times = sorted(time(hour, minute) for hour in rule.by_hour for minute in rule.by_minute)
    found = [datetime.combine(day, at) for day in days if _is_of(rule, day) for at in times]
    if not rule.by_set_pos:
        return found
    places = (place - 1 if place > 0 else place for place in rule.by_set_pos)
    return [found[place] for place in places if -len(found) <= place < len(found)]


def _is_of(rule: Repetition, day: date) -> bool:
    if rule.by_month and day.month not in rule.by_month:
        return False
    if rule.by_month_day:
        end = _next_month(day.year, day.month)
        if not {day.day, -(end - day).days} & {*rule.by_month_day}:
            return False
    return not rule.by_day or any(_is_nth(rule, day, wanted) for wanted in rule.by_day)


def _is_nth(rule: Repetition, day: date, wanted: NthDay) -> bool:
    if day.weekday() != wanted.weekday:
        return False
    if wanted.nth is None:
        return True
    is_of_year = rule.frequency == "YEARLY" and not rule.by_month
    first = date(day.year, 1 if is_of_year else day.month, 1)
    end = date(day.year + 1, 1, 1) if is_of_year else _next_month(day.year, day.month)
    if wanted.nth > 0:
        return (day - first).days // 7 == wanted.nth - 1
    return ((end - day).days - 1) // 7 == -wanted.nth - 1


def _next_month(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


def _week_of(day: date, week_start: int) -> date:
    return day - timedelta(days=(day.weekday() - week_start) % 7)


def _span(first: date, end: date) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range((end - first).days)]
