"""Local times and instants, where clocks are put forward and back.

    02:00 ──▶ 03:00   skipped: 02:30 stands for the first instant that exists after it, 03:00
    03:00 ──▶ 02:00   doubled: 02:30 stands for the first of the two, unless the last is asked for

A day may be missing, too: Samoa had no 30 December 2011.
"""

import importlib.resources
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias, get_args
from zoneinfo import ZoneInfo

ZoneChoice: TypeAlias = Literal["recipient", "company", "UTC"]
"""Whose clock counts; of a recipient whose zone nobody knows the company's."""

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

WEEKDAYS: Final[Sequence[Weekday]] = get_args(Weekday)

YEARS: Final = range(1900, 2200)
"""A date outside is a slip, and would lead out of what dates can hold."""

MIDNIGHT: Final = time()
DAY: Final = timedelta(days=1)
DAY_MS: Final = 24 * 60 * 60 * 1000

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

INSTANTS: Final = range(
    (datetime(YEARS.start, 1, 1, tzinfo=UTC) - _EPOCH) // _MS,
    (datetime(YEARS.stop, 1, 1, tzinfo=UTC) - _EPOCH) // _MS,
)
"""The same as epoch ms."""

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_ZONE: Final = re.compile(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+){0,2}")


class Zones(NamedTuple):
    """The clocks that a rule may choose between, by their IANA names."""

    recipient: str | None
    company: str

    def chosen(self, choice: str) -> ZoneInfo:
        """The zone of a `ZoneChoice`, or of a name of its own.

        A name that this release does not know gives way to the company's.
        """
        if choice not in {"recipient", "company"} and is_known(choice):
            return _named(choice)
        if choice == "recipient" and self.recipient and is_known(self.recipient):
            return _named(self.recipient)
        return _named(self.company if is_known(self.company) else "UTC")


def utc() -> ZoneInfo:
    """Everybody's."""
    return _named("UTC")


def is_known(name: str) -> bool:
    """Whether the IANA database, of the edition we come with, has a zone of this name."""
    try:
        _named(name)
    except (OSError, ValueError):
        return False
    return True


@lru_cache(maxsize=1024)
def _named(name: str) -> ZoneInfo:
    """The zone by the package tzdata, so that two machines of one release decide alike."""
    if not _ZONE.fullmatch(name):
        raise ValueError(f"{name!r} is no time zone")
    file = importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with file.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def parse_time(text: str) -> time:
    """Read a time of day.

    Raises:
        ValueError: not of the form.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is no time of day: write it like "09:00" or "21:30"')
    return time(int(match[1]), int(match[2]))


def read_date(value: object) -> date | int | None:
    """What an attribute says: a day, a day and time on local clocks, or an instant as epoch ms.

    Text by ISO 8601, `2026-03-02`, with a time and an offset if any; nothing else is a date.
    """
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        pass
    try:
        shown = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if shown.tzinfo is None or shown.year not in YEARS:
        return shown.replace(tzinfo=None)
    return instant(shown.astimezone(UTC).replace(tzinfo=None), utc())


def wall(at: int, zone: ZoneInfo) -> datetime:
    """What clocks in the zone show at an instant (epoch ms), without a zone."""
    return (_EPOCH + at * _MS).astimezone(zone).replace(tzinfo=None, fold=0)


def instant(shown: datetime, zone: ZoneInfo, *, is_last: bool = False) -> int:
    """When clocks in the zone show this, as epoch ms; see the module for the odd ones."""
    at = _read(shown, zone, fold=int(is_last))
    if wall(at, zone) == shown:
        return at
    return _after_gap(shown, zone)


def on_day(day: date, at_time: time, zone: ZoneInfo) -> int:
    """The instant of a time of day; errors of the calendar as `instant`."""
    return instant(datetime.combine(day, at_time), zone)


def exists(day: date, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone ever show this day."""
    return wall(on_day(day, MIDNIGHT, zone), zone).date() == day


def has_weekday(day: date, weekdays: Sequence[Weekday]) -> bool:
    """Whether the day is one of these; without any, every day is."""
    return not weekdays or WEEKDAYS[day.weekday()] in weekdays


def _read(shown: datetime, zone: ZoneInfo, *, fold: int) -> int:
    return (shown.replace(tzinfo=zone, fold=fold) - _EPOCH) // _MS


def _after_gap(shown: datetime, zone: ZoneInfo) -> int:
    """Where the clocks were put forward: found between the readings by both offsets.

    The offset from before the gap reads a skipped time too late, the one from after it too early
    (PEP 495).
    """
    early, late = _read(shown, zone, fold=1), _read(shown, zone, fold=0)
    while late - early > 1:
        middle = (early + late) // 2
        if wall(middle, zone) < shown:
            early = middle
        else:
            late = middle
    return late
