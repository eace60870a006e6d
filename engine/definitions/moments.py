"""Times as authors of tests write them: since the test began, or an instant.

`30m`, `1d 2h`, `-3d`, `0`; `2026-03-02T09:00:00Z`; `22:15` on the day of the beginning and
`+2d 09:30` two days later, in UTC.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from engine import durations

DAY_MS: Final = 24 * 60 * 60 * 1000

START: Final = "2026-03-02T09:00:00Z"
"""A Monday morning in winter: when tests begin that do not say it."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_CLOCK: Final = re.compile(r"(?:\+(\d{1,3})d )?([01]\d|2[0-3]):([0-5]\d)")


def instant(text: str) -> int:
    """Read ISO 8601 with any offset, UTC if there is none, as epoch ms.

    Raises:
        ValueError: it is none, or before 1970.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f'{text!r} is no time: write it like "{START}"') from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    at = (moment - _EPOCH) // _MS
    if at < 0:
        raise ValueError(f"{text!r} is before 1970")
    return at


def moment(text: str, *, start: int) -> int:
    """Read a time of a test as epoch ms.

    Raises:
        ValueError: it is none.
    """
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        days, hour, minute = int(clock[1] or 0), int(clock[2]), int(clock[3])
        return start - start % DAY_MS + days * DAY_MS + (hour * 60 + minute) * 60_000
    if text[:1].isdigit() and len(text) > 4 and text[4] == "-":
        return instant(text)
    return start + _length_ms(text)


def _length_ms(text: str) -> int:
    sign = -1 if text.startswith("-") else 1
    parts = text.removeprefix("-").removeprefix("+").split()
    if not parts:
        raise ValueError('an empty time: write it like "30m" or "1d 2h"')
    return sign * sum(0 if part in _NOTHING else durations.parse_ms(part) for part in parts)


_NOTHING: Final = frozenset({"0", "0s", "0m", "0h", "0d"})
"""A duration is never nothing; a beginning is."""


def told(at: int, *, start: int) -> str:
    """Write a time as people read it: since the beginning."""
    left, found = abs(at - start), list[str]()
    for unit, length_ms in (("d", DAY_MS), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
        count, left = divmod(left, length_ms)
        if count:
            found.append(f"{count}{unit}")
    if left:
        found.append(f"{left}ms")
    text = " ".join(found) or "0"
    return f"-{text}" if at < start else text
