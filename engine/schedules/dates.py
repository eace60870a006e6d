"""Days that come round every year: birthdays, anniversaries.

A birthday belongs to a year, whatever the offset makes of it: three days before 2 January 2027 is
the birthday of 2027. So the year is what a firing is once for, even if the date is edited.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from engine.errors import Flaw
from engine.schedules import local
from engine.schedules.local import ZoneChoice, Zones

OFFSET_MAX_DAYS: Final = 180
"""Further away it is nearer to the year before or after."""

PATH_MAX_CHARS: Final = 200

_LEAPLESS_YEARS: Final = 8
"""From one leap year to the next, where a century without one lies between."""


class Anniversary(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """As its author writes it (T42)."""

    field: str
    """Path of the attribute that holds the date."""
    offset_days: int = 0
    """Negative: before it."""
    at_time: str = "10:00"
    tz: ZoneChoice = "recipient"
    feb29: Literal["feb28", "mar1", "leap_only"] = "feb28"
    """When those born on 29 February have their birthday in other years."""


class Occurrence(NamedTuple):
    """When it is due, epoch ms, and the year whose anniversary it is."""

    at: int
    year: int


def next_occurrence(
    anniversary: Anniversary, began: date, *, after: int, zones: Zones, done_year: int = 0
) -> Occurrence | None:
    """The first occurrence strictly after an instant, in a later year than `done_year`.

    The day itself is none: the first is a year after it.

    Args:
        anniversary: without flaws.
        began: the date of birth, or whatever is celebrated.
        after: epoch ms.
        zones: to choose the clock from.
        done_year: the last year it fired for; 0 for never.

    Returns:
        None: the date is none that anybody can have.
    """
    if began.year not in local.YEARS or after not in local.INSTANTS:
        return None
    zone = zones.chosen(anniversary.tz)
    first = max(local.wall(after, zone).year - 1, began.year + 1, done_year + 1)
    for year in range(first, first + _LEAPLESS_YEARS + 3):
        for day in _days(anniversary, began, year):
            at = _at(anniversary, day, zone)
            if at > after:
                return Occurrence(at, year)
    return None


def _days(anniversary: Anniversary, began: date, year: int) -> Iterator[date]:
    """The anniversary of a year; none, where 29 February is kept in leap years only."""
    if (began.month, began.day) != (2, 29) or _is_leap(year):
        yield began.replace(year=year)
    elif anniversary.feb29 == "feb28":
        yield date(year, 2, 28)
    elif anniversary.feb29 == "mar1":
        yield date(year, 3, 1)


def _at(anniversary: Anniversary, day: date, zone: ZoneInfo) -> int:
    due = day + timedelta(days=anniversary.offset_days)
    return local.on_day(due, local.parse_time(anniversary.at_time), zone)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def flaws(anniversary: Anniversary, *, path: str) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    found = []
    if not 1 <= len(anniversary.field) <= PATH_MAX_CHARS:
        message = "the path of an attribute, like birthday"
        found.append(Flaw(path=f"{path}.field", message=message))
    if abs(anniversary.offset_days) > OFFSET_MAX_DAYS:
        message = f"from -{OFFSET_MAX_DAYS} to {OFFSET_MAX_DAYS} days"
        found.append(Flaw(path=f"{path}.offset_days", message=message))
    try:
        local.parse_time(anniversary.at_time)
    except ValueError as error:
        found.append(Flaw(path=f"{path}.at_time", message=str(error)))
    return found
