"""How long a journey waits at a step, and until when.

| written | waits |
|---|---|
| `for: 2d` | 48 hours, whatever the clocks do |
| `days: 2` | until the same time of day, two days on |
| `business_days: 2` | the same, Saturdays, Sundays and holidays not counted |
| `date: birthday, offset: -3d` | until the date of an attribute, days or hours from it |
| `until: 09:00` | until clocks show that next |
| `weekdays: [mon]` | not at all on one of these days, else until the next one begins |

`until` and `weekdays` also stand beside the others. `days`, `business_days` and `date` say the day
and `until` the time on it; after `for` the first such time counts, at its end or later. Where
`weekdays` stand, a day that is none of them gives way to the next that is.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import count
from typing import Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from engine import durations
from engine.errors import Flaw
from engine.schedules import local
from engine.schedules.local import DAY, MIDNIGHT, Weekday, ZoneChoice, Zones

DAYS_MAX: Final = 366
"""A step that waits longer is a mistake more often than a wish."""

HOLIDAYS_MAX: Final = 366
PATH_MAX_CHARS: Final = 200


class Delay(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"length": "for"},
):
    """As its author writes it."""

    length: str | None = None
    days: int | None = None
    business_days: int | None = None
    holidays: tuple[date, ...] = ()
    """Days that are no business days either."""
    date: str | None = None
    """Path of the attribute."""
    offset: str | None = None
    """From the date, `-3d` or `2h`: days by the calendar, the rest by the clock."""
    until: str | None = None
    weekdays: tuple[Weekday, ...] = ()
    tz: ZoneChoice = "recipient"
    past: Literal["go_on", "exit", "branch"] = "go_on"
    """What becomes of whose date is over, or of whom none is known."""

    @property
    def always_waits(self) -> bool:
        """Whether time passes for everybody: a date may be over, today may be the weekday."""
        forms = (self.length, self.days, self.business_days)
        has_length = any(form is not None for form in forms)
        return has_length or (self.date is None and self.until is not None)


class Due(NamedTuple):
    """Wait until then, epoch ms; `now` is no wait at all."""

    at: int


class Past(NamedTuple):
    """The date was over already; `at` is None where there is no date that can be read."""

    at: int | None


Resolved: TypeAlias = Due | Past


def resolve(delay: Delay, *, now: int, zones: Zones, value: date | int | None = None) -> Resolved:
    """Say when a delay that begins `now` is over; `now` at the earliest.

    Args:
        delay: without flaws.
        now: epoch ms.
        zones: to choose the clock from.
        value: of the attribute, if the delay names one: as `local.read_date` gives it.
    """
    zone = zones.chosen(delay.tz)
    if delay.date is not None:
        return _by_date(delay, value, now, zone)
    if delay.length is not None:
        return Due(_onward(delay, now + durations.parse_ms(delay.length), now, zone))
    if delay.days is None and delay.business_days is None:
        return Due(_onward(delay, now, now, zone))
    shown = local.wall(now, zone)
    day = _counted(delay, shown.date(), zone)
    return Due(max(_on(delay, day, shown.time(), zone), now))


def _counted(delay: Delay, day: date, zone: ZoneInfo) -> date:
    if delay.days is not None:
        return day + delay.days * DAY
    left = delay.business_days or 0
    while left:
        day += DAY
        is_workday = day.weekday() < 5 and day not in delay.holidays
        left -= is_workday and local.exists(day, zone)
    return day


def _on(delay: Delay, day: date, at_time: time, zone: ZoneInfo) -> int:
    """The time of day, on that day or on the next that the weekdays allow."""
    if delay.weekdays:
        day = next(_allowed(delay, day, zone))
    return local.on_day(day, _until(delay) or at_time, zone)


def _onward(delay: Delay, base: int, now: int, zone: ZoneInfo) -> int:
    """The first moment that `until` and `weekdays` allow, at `base` or later.

    At the very instant of `until` the next one counts: a loop that comes round would not wait.
    """
    until, first = _until(delay), local.wall(base, zone).date()
    if until is None:
        day = next(_allowed(delay, first, zone))
        return base if day == first else max(local.on_day(day, MIDNIGHT, zone), base)
    found = (local.on_day(day, until, zone) for day in _allowed(delay, first, zone))
    return next(at for at in found if at >= base and at > now)


def _allowed(delay: Delay, first: date, zone: ZoneInfo) -> Iterator[date]:
    days = (first + ahead * DAY for ahead in count())
    return (
        day for day in days if local.has_weekday(day, delay.weekdays) and local.exists(day, zone)
    )


def _until(delay: Delay) -> time | None:
    return None if delay.until is None else local.parse_time(delay.until)


def _by_date(delay: Delay, value: date | int | None, now: int, zone: ZoneInfo) -> Resolved:
    shown = _shown(value, zone)
    if shown is None:
        return Past(None)
    offset_days, offset_ms = _offset(delay.offset)
    at_time = _until(delay) or shown.time()
    at = local.on_day(shown.date() + offset_days * DAY, at_time, zone) + offset_ms
    return Due(at) if at >= now else Past(at)


def _shown(value: date | int | None, zone: ZoneInfo) -> datetime | None:
    """The day and time that clocks show; None where no such value makes sense."""
    if isinstance(value, int):
        if value not in local.INSTANTS:
            return None
        return local.wall(value, zone)
    if value is None or value.year not in local.YEARS:
        return None
    return value if isinstance(value, datetime) else datetime.combine(value, MIDNIGHT)


def _offset(text: str | None) -> tuple[int, int]:
    """Days of the calendar, and milliseconds.

    Raises:
        ValueError: not of the form, or too long.
    """
    if text is None:
        return 0, 0
    sign = -1 if text.startswith("-") else 1
    length_ms = sign * durations.parse_ms(text.removeprefix("-").removeprefix("+"))
    return (length_ms // local.DAY_MS, 0) if text.endswith("d") else (0, length_ms)


def flaws(delay: Delay, *, path: str) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    return [
        Flaw(path=f"{path}.{name}" if path and name else path or name, message=message)
        for name, message in (
            *_form_flaws(delay),
            *_text_flaws(delay),
            *_day_flaws(delay),
            *_date_flaws(delay),
        )
    ]


def _form_flaws(delay: Delay) -> Iterator[tuple[str, str]]:
    forms = {
        "for": delay.length,
        "days": delay.days,
        "business_days": delay.business_days,
        "date": delay.date,
    }
    given = [name for name, value in forms.items() if value is not None]
    if len(given) > 1:
        yield given[1], f"one of {', '.join(forms)}: {given[0]} stands here already"
    if not given and delay.until is None and not delay.weekdays:
        yield "", f"say how long: {', '.join(forms)}, until or weekdays"


def _text_flaws(delay: Delay) -> Iterator[tuple[str, str]]:
    for name, text, read in (
        ("for", delay.length, durations.parse_ms),
        ("until", delay.until, local.parse_time),
        ("offset", delay.offset, _offset),
    ):
        try:
            if text is not None:
                read(text)
        except ValueError as error:
            yield name, str(error)


def _day_flaws(delay: Delay) -> Iterator[tuple[str, str]]:
    for name, days in (("days", delay.days), ("business_days", delay.business_days)):
        if days is not None and not 1 <= days <= DAYS_MAX:
            yield name, f"from 1 to {DAYS_MAX}"
    if len(set(delay.weekdays)) != len(delay.weekdays):
        yield "weekdays", "each day once"
    if delay.holidays and delay.business_days is None:
        yield "holidays", "only beside business_days"
    if len(delay.holidays) > HOLIDAYS_MAX:
        yield "holidays", f"at most {HOLIDAYS_MAX}"


def _date_flaws(delay: Delay) -> Iterator[tuple[str, str]]:
    if delay.date is None:
        if delay.offset is not None:
            yield "offset", "only beside date"
        if delay.past != "go_on":
            yield "past", "only a date can be over: beside date"
        return
    if not 1 <= len(delay.date) <= PATH_MAX_CHARS:
        yield "date", "the path of an attribute, like birthday"
    if delay.weekdays:
        yield "weekdays", "a date stands for itself: say until, if anything"
