"""Dates on the calendar, once or by a rule, and what becomes of those that were missed (T44).

The rule is laid out on local clocks and only then turned into instants: each Monday at 09:00 stays
at 09:00 in summer. A date on a blackout day is left out, not moved.
"""

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import msgspec

from engine.errors import Flaw
from engine.schedules import local, rrules, rruletext
from engine.schedules.local import ZoneChoice, Zones
from engine.schedules.rrules import Repetition

HORIZON_YEARS: Final = 30
"""What does not come round in that time does not come round."""

BLACKOUTS_MAX: Final = 366

ON_TIME_MS: Final = 15 * 60 * 1000
"""A run that begins later than this was missed."""

MissedPolicy: TypeAlias = Literal["run_once", "skip"]

_START: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
_YEARLY: Final = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


class Recurrence(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """As its author writes it."""

    start: str
    """`2026-03-02T09:00`, by the clock of `tz`; with a rule the first date it may give."""
    rrule: str | None = None
    """By RFC 5545; None: once, at `start`."""
    tz: ZoneChoice = "company"
    blackout_days: tuple[str, ...] = ()
    """`2026-12-24`, or `12-24` for every year."""
    missed_policy: MissedPolicy = "run_once"


def next_occurrence(recurrence: Recurrence, *, after: int, zones: Zones) -> int | None:
    """The first date strictly after an instant, both as epoch ms.

    Returns:
        None: there is none within `HORIZON_YEARS`.
    """
    zone = zones.chosen(recurrence.tz)
    shown, start = local.wall(after, zone), _start(recurrence.start)
    first = max(shown.year, start.year)
    for year in range(first, min(first + HORIZON_YEARS, local.YEARS.stop)):
        dates = _laid_out(recurrence.rrule, start, year)
        for one in dates[bisect_right(dates, shown) :]:
            at = local.instant(one, zone)
            if at > after and not _is_left_out(recurrence, one, at):
                return at
    return None


def due(recurrence: Recurrence, *, after: int, now: int, zones: Zones) -> int | None:
    """The date to run for now: the latest after the last run, so after an outage one at most.

    Args:
        recurrence: without flaws.
        after: the date of the last run, or when the schedule was switched on; epoch ms.
        now: epoch ms.
        zones: to choose the clock from.

    Returns:
        The date's instant; None: nothing is due, or it was missed and is to be skipped.
    """
    zone, start = zones.chosen(recurrence.tz), _start(recurrence.start)
    last = local.wall(now, zone).year
    for year in range(last, max(local.wall(after, zone).year, start.year) - 1, -1):
        for one in reversed(_laid_out(recurrence.rrule, start, year)):
            at = local.instant(one, zone)
            if at <= after:
                return None
            if at <= now and not _is_left_out(recurrence, one, at):
                is_on_time = now - at <= ON_TIME_MS
                return at if is_on_time or recurrence.missed_policy == "run_once" else None
    return None


def _is_left_out(recurrence: Recurrence, one: datetime, at: int) -> bool:
    """A blackout day, or after an end that is said in UTC."""
    day = one.date().isoformat()
    if day in recurrence.blackout_days or day[5:] in recurrence.blackout_days:
        return True
    if recurrence.rrule is None:
        return False
    until = _parsed(recurrence.rrule).until
    return until is not None and until.tzinfo is not None and at > until.timestamp() * 1000


@lru_cache(maxsize=4096)
def _laid_out(rrule: str | None, start: datetime, year: int) -> tuple[datetime, ...]:
    """The dates of a year in order, on local clocks."""
    if rrule is None:
        return (start,) if start.year == year else ()
    rule = _parsed(rrule)
    end = _counted_out(rrule, start) if rule.count is not None else rule.until
    dates = rrules.in_year(rule, start, year)
    if end is None or end.tzinfo is not None:
        return tuple(dates)
    return tuple(one for one in dates if one <= end)


@lru_cache(maxsize=1024)
def _counted_out(rrule: str, start: datetime) -> datetime | None:
    """The last date by the rule's COUNT; None where it lies beyond all years."""
    rule = _parsed(rrule)
    left = rule.count or 0
    for year in range(start.year, local.YEARS.stop):
        dates = rrules.in_year(rule, start, year)
        if len(dates) >= left:
            return dates[left - 1]
        left -= len(dates)
    return None


@lru_cache(maxsize=1024)
def _parsed(rrule: str) -> Repetition:
    return rruletext.parse(rrule)


def _start(text: str) -> datetime:
    """Read a local date and time.

    Raises:
        ValueError: not of the form, or of no year that makes sense.
    """
    message = f'{text!r}: write it like "2026-03-02T09:00", without a zone'
    if not _START.fullmatch(text):
        raise ValueError(message)
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(message) from error
    if start.year not in local.YEARS:
        raise ValueError(f"{text!r}: from {local.YEARS.start} to {local.YEARS.stop - 1}")
    return start


def flaws(recurrence: Recurrence, *, path: str) -> list[Flaw]:
    """Everything wrong that the types alone do not say, alike on every machine."""
    found = []
    if len(recurrence.blackout_days) > BLACKOUTS_MAX:
        message = f"at most {BLACKOUTS_MAX} days"
        found.append(Flaw(path=f"{path}.blackout_days", message=message))
    for place, day in enumerate(recurrence.blackout_days):
        if not _is_day(day):
            message = f'{day!r}: write it like "2026-12-24", or "12-24" for every year'
            found.append(Flaw(path=f"{path}.blackout_days[{place}]", message=message))
    for name, text, read in (
        ("start", recurrence.start, _start),
        ("rrule", recurrence.rrule, rruletext.parse),
    ):
        try:
            if text is not None:
                read(text)
        except ValueError as error:
            found.append(Flaw(path=f"{path}.{name}", message=str(error)))
    return found or _emptiness(recurrence, path)


def _is_day(text: str) -> bool:
    if _YEARLY.fullmatch(text):
        return True
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _emptiness(recurrence: Recurrence, path: str) -> list[Flaw]:
    """A rule that gives no date at all; the clock makes no difference to that."""
    utc = Zones(recipient=None, company="UTC")
    before = _start(recurrence.start).replace(tzinfo=UTC) - timedelta(seconds=1)
    after = round(before.timestamp() * 1000)
    if next_occurrence(recurrence, after=after, zones=utc) is not None:
        return []
    where = "start" if recurrence.rrule is None else "rrule"
    message = f"no date comes of it within {HORIZON_YEARS} years"
    return [Flaw(path=f"{path}.{where}", message=message)]
