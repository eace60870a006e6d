"""Days and instants as rules read them, and the spans they are compared by.

Strict on purpose: what this reads, ClickHouse must read alike (`clickhouse.rules`).
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple, TypeAlias

from engine.schedules.local import Zones, wall

SPAN_YEARS_MAX: Final = 120
"""Longer than anybody lives."""

DAY_FORM: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_HOUR: Final = "(?:[01][0-9]|2[0-3])"
INSTANT_FORM: Final = (
    f"({DAY_FORM})[T ]({_HOUR}):([0-5][0-9])(?::([0-5][0-9])(?:\\.([0-9]{{1,6}}))?)?"
    f"(Z|[+-]{_HOUR}:[0-5][0-9])?"
)
"""What is read as a date; ClickHouse reads by the same forms."""

_DAY: Final = re.compile(DAY_FORM)
_INSTANT: Final = re.compile(INSTANT_FORM)
_SPAN: Final = re.compile(r"([1-9][0-9]{0,5})(m|h|d|w|mo|y)")
_UNITS_MS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
DAY_MS: Final = 86_400_000

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2299, 12, 31)
"""What a DateTime64 and a Date32 of ClickHouse hold; what is outside is no date."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

Moment: TypeAlias = date | int
"""A day, or an instant in epoch ms UTC."""


class Span(NamedTuple):
    """A length of time: milliseconds, or months of the calendar."""

    ms: int
    months: int

    @property
    def days(self) -> int:
        """Whole days of a span without months."""
        return self.ms // DAY_MS


def read(said: object) -> Moment | None:
    """Read a day or an instant; an instant without an offset is UTC, a number epoch ms."""
    if isinstance(said, int) and not isinstance(said, bool):
        return said if ms_of(EARLIEST) <= said < ms_of(LATEST) else None
    if not isinstance(said, str):
        return None
    try:
        if _DAY.fullmatch(said):
            day = date.fromisoformat(said)
            return day if EARLIEST <= day <= LATEST else None
        if not _INSTANT.fullmatch(said):
            return None
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    at = (aware - _EPOCH) // _MS
    return at if ms_of(EARLIEST) <= at < ms_of(LATEST) else None


def ms_of(day: date) -> int:
    """When the day begins in UTC, epoch ms."""
    return (day - date(1970, 1, 1)).days * DAY_MS


def span(text: str) -> Span:
    """Read a span: `30m`, `12h`, `7d`, `2w`, `6mo`, `18y`.

    Raises:
        ValueError: it is none, or longer than `SPAN_YEARS_MAX`.
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is no span: write it like "12h", "7d", "2w", "6mo" or "18y"')
    count, unit = int(match[1]), match[2]
    if unit in _UNITS_MS:
        found = Span(count * _UNITS_MS[unit], 0)
    else:
        found = Span(0, count if unit == "mo" else 12 * count)
    if found.ms > SPAN_YEARS_MAX * 366 * DAY_MS or found.months > 12 * SPAN_YEARS_MAX:
        raise ValueError(f"{text!r} is longer than {SPAN_YEARS_MAX} years")
    return found


def local(moment: Moment, zone: str) -> date:
    """The day, or the day on which the instant falls in the zone."""
    if isinstance(moment, date):
        return moment
    # A zone that this release does not know is UTC: a rule never fails at run time.
    return wall(moment, Zones(recipient=None, company=zone).chosen("company")).date()


def begins(day: date, zone: str) -> int:
    """The first instant of a day in the zone, epoch ms.

    Where clocks skip midnight the day begins at the first time there is; where they go back over
    it, at the first of the two.
    """
    lowest, highest = ms_of(day) - 15 * 3_600_000, ms_of(day) + 15 * 3_600_000
    while lowest < highest:
        middle = (lowest + highest) // 2
        if local(middle, zone) < day:
            lowest = middle + 1
        else:
            highest = middle
    return lowest


def moved(day: date, months: int) -> date:
    """So many months on; the last day of a month that is too short."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    year = min(max(year, 1), 9998)
    longest = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, longest))


def before(day: date, by: Span) -> date:
    """The day that lies a span back."""
    return moved(day, -by.months) if by.months else day - timedelta(days=by.days)


def after(day: date, by: Span) -> date:
    """The day that lies a span ahead."""
    return moved(day, by.months) if by.months else day + timedelta(days=by.days)


def years_between(birthday: date, day: date) -> int:
    """Whole years; who was born on 29 February is a year older on 1 March of other years."""
    return day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))


def anniversary(birthday: date, year: int) -> date:
    """The day of that year; of 29 February 1 March where there is none."""
    try:
        return birthday.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def of_ordinal(number: int) -> date:
    """The day of a number of the calendar."""
    return date.fromordinal(number)
