"""Instants as files write them, and as messages carry them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.IGNORECASE
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def parse_ms(text: str) -> int:
    """Read RFC 3339 into epoch ms; parts of a millisecond are cut off.

    Raises:
        ValueError: no such instant, or no offset from UTC.
    """
    if _RFC3339.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no RFC 3339 time with an offset")
    return (datetime.fromisoformat(text.upper()) - _EPOCH) // _MILLISECOND


def rfc3339(at: int) -> str:
    """Write epoch ms, always in UTC and with milliseconds."""
    instant = _EPOCH + at * _MILLISECOND
    return instant.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
