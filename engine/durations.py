"""Durations as people write them: `90s`, `30m`, `12h`, `7d`."""

import functools
import re
from typing import Final

_UNITS_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_FORM: Final = re.compile(r"([1-9][0-9]{0,8})(s|m|h|d)")

TEXTS_MAX: Final = 1_000
"""Kept read: campaigns say the same few lengths again and again, some at every event."""

LONGEST_MS: Final = 366 * _UNITS_MS["d"]
"""A year: a timer further away is a mistake more often than a wish."""


@functools.lru_cache(maxsize=TEXTS_MAX)
def parse_ms(text: str) -> int:
    """Read a duration.

    Raises:
        ValueError: not of the form, or longer than `LONGEST_MS`.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is no duration: write it like "90s", "30m", "12h" or "7d"')
    length_ms = int(match[1]) * _UNITS_MS[match[2]]
    if length_ms > LONGEST_MS:
        raise ValueError(f"{text!r} is longer than 366d")
    return length_ms
