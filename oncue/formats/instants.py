"""Instants as messages carry them."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def rfc3339(at: int) -> str:
    """Write epoch ms, always in UTC and with milliseconds."""
    instant = _EPOCH + at * _MILLISECOND
    return instant.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
