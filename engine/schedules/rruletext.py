"""The text of a repetition, as RFC 5545 writes it, read and judged."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Final, cast, get_args

import msgspec

from engine.schedules.rrules import DAYS, Frequency, NthDay, Repetition

INTERVAL_MAX: Final = 366
COUNT_MAX: Final = 1_000
TIMES_MAX: Final = 24
"""Of one day: a schedule is for campaigns, not for processes."""

_BY_DAY: Final = re.compile(r"([+-]?[1-9][0-9]?)?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,4}")
_UNTIL: Final = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")


def parse(text: str) -> Repetition:
    """Read a rule.

    Raises:
        ValueError: not of RFC 5545, or of the parts of it that are not for us.
    """
    parts: dict[str, str] = {}
    for part in text.removeprefix("RRULE:").upper().split(";"):
        name, sign, value = part.partition("=")
        if not sign or not value or name in parts:
            raise ValueError(f'{part!r}: write each part once, like "FREQ=WEEKLY;BYDAY=MO"')
        parts[name] = value
    unknown = parts.keys() - _READERS.keys() - {"FREQ"}
    if unknown:
        raise ValueError(f"{min(unknown)} is not supported: {', '.join(['FREQ', *_READERS])}")
    frequency = parts.pop("FREQ", "")
    if frequency not in get_args(Frequency):
        raise ValueError(f"FREQ is one of {', '.join(get_args(Frequency))}")
    fields = dict(_READERS[name](text) for name, text in parts.items())
    rule = msgspec.structs.replace(Repetition(cast("Frequency", frequency)), **fields)
    _check(rule)
    return rule


def _check(rule: Repetition) -> None:
    """Refuse what the RFC refuses, or leaves open."""
    if rule.count is not None and rule.until is not None:
        raise ValueError("either COUNT or UNTIL")
    has_nth = any(day.nth is not None for day in rule.by_day)
    if has_nth and rule.frequency not in {"MONTHLY", "YEARLY"}:
        raise ValueError(f"a weekday with a number is of a month or a year, not {rule.frequency}")
    if rule.by_month_day and rule.frequency == "WEEKLY":
        raise ValueError("a week has no BYMONTHDAY")
    if rule.by_set_pos and not (rule.by_day or rule.by_month_day or rule.by_month):
        raise ValueError("BYSETPOS picks from what BYDAY, BYMONTHDAY or BYMONTH give")
    if max(len(rule.by_hour), 1) * max(len(rule.by_minute), 1) > TIMES_MAX:
        raise ValueError(f"at most {TIMES_MAX} times a day")


def _numbers(field: str, *allowed: range) -> Callable[[str], tuple[str, tuple[int, ...]]]:
    def read(text: str) -> tuple[str, tuple[int, ...]]:
        numbers = []
        for part in text.split(","):
            if not _NUMBER.fullmatch(part) or not any(int(part) in one for one in allowed):
                raise ValueError(f"{part!r} is out of range here")
            numbers.append(int(part))
        return field, tuple(sorted(set(numbers)))

    return read


def _number(field: str, highest: int) -> Callable[[str], tuple[str, int]]:
    def read(text: str) -> tuple[str, int]:
        if not _NUMBER.fullmatch(text) or not 1 <= int(text) <= highest:
            raise ValueError(f"{text!r}: a number from 1 to {highest}")
        return field, int(text)

    return read


def _until(text: str) -> tuple[str, datetime]:
    """A day is meant whole."""
    if not _UNTIL.fullmatch(text):
        raise ValueError(f"{text!r}: UNTIL is like 20261231 or 20261231T235959")
    shown = datetime.fromisoformat(text.removesuffix("Z"))
    if "T" not in text:
        shown = datetime.combine(shown, time.max)
    return "until", shown.replace(tzinfo=UTC) if text.endswith("Z") else shown


def _days(text: str) -> tuple[str, tuple[NthDay, ...]]:
    found = []
    for part in text.split(","):
        match = _BY_DAY.fullmatch(part)
        if match is None or abs(int(match[1] or 1)) > 53:
            raise ValueError(f"{part!r} is no weekday: write it like MO, 2TU or -1FR")
        found.append(NthDay(DAYS.index(match[2]), int(match[1]) if match[1] else None))
    return "by_day", tuple(found)


def _week_start(text: str) -> tuple[str, int]:
    if text not in DAYS:
        raise ValueError(f"{text!r} is no weekday")
    return "week_start", DAYS.index(text)


_READERS: Final[Mapping[str, Callable[[str], tuple[str, object]]]] = {
    "INTERVAL": _number("interval", INTERVAL_MAX),
    "COUNT": _number("count", COUNT_MAX),
    "UNTIL": _until,
    "WKST": _week_start,
    "BYMONTH": _numbers("by_month", range(1, 13)),
    "BYMONTHDAY": _numbers("by_month_day", range(1, 32), range(-31, 0)),
    "BYDAY": _days,
    "BYHOUR": _numbers("by_hour", range(24)),
    "BYMINUTE": _numbers("by_minute", range(60)),
    "BYSETPOS": _numbers("by_set_pos", range(1, 367), range(-366, 0)),
}
