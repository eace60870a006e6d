"""What can go wrong between us and ClickHouse. The base class is the fate; `code` is stable.

ClickHouseError
├── RejectError                  bad input: a dead letter, or 4xx
│   ├── RowsRejectedError        a value of these rows does not fit its column
│   └── QueryLimitError          a read took more time, memory or rows than it may
├── RetryError                   later it may work: `retry_after_ms`
│   ├── ClickHouseAwayError      nobody answers at the address
│   └── ClickHouseBusyError      it answers: not now
└── CrashError                   a wrong setting or a bug
    ├── ClickHouseUrlError       the setting is no address of a ClickHouse
    ├── ClickHouseRefusedError   a wrong password, a missing table, a statement it does not take
    └── MigrationError           the tables are not the ones this version knows
"""

import re
from collections.abc import Callable
from typing import Final

from clickhouse_connect.driver import exceptions

REASON_MAX: Final = 300
"""Characters of the server's own words; it likes to repeat the statement."""

_SYSTEM: Final = re.compile(r"\[Errno -?\d+\] ([^\"')]+)")
"""What the operating system said, inside all that the HTTP client wraps around it."""


class ClickHouseError(Exception):
    """Base of every error that `clickhouse` raises on purpose."""

    code: str


class RejectError(ClickHouseError):
    """The input will never pass."""


class RetryError(ClickHouseError):
    """The same call may succeed after `retry_after_ms`."""

    retry_after_ms: int = 1_000


class CrashError(ClickHouseError):
    """Trying again cannot help."""


class RowsRejectedError(RejectError):
    """At least one row of the block; nothing of it was stored."""

    code = "rows_rejected"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"ClickHouse does not take a row: {reason}")
        self.reason = reason


class QueryLimitError(RejectError):
    """Ask for less: a shorter time, one customer, a page."""

    code = "query_limit"

    def __init__(self, *, reason: str) -> None:
        super().__init__(f"the query went over a limit: {reason}")
        self.reason = reason


class ClickHouseAwayError(RetryError):
    """Nothing is lost meanwhile: Kafka keeps what was not stored."""

    code = "clickhouse_away"

    def __init__(self, *, address: str, reason: str) -> None:
        super().__init__(f"no ClickHouse answers at {address}: {reason}")
        self.address = address
        self.reason = reason


class ClickHouseBusyError(RetryError):
    """Too many parts, no memory, no disk, read-only for now."""

    code = "clickhouse_busy"

    def __init__(self, *, address: str, reason: str) -> None:
        super().__init__(f"the ClickHouse at {address} cannot: {reason}")
        self.address = address
        self.reason = reason


class ClickHouseUrlError(CrashError):
    """Said at start, without the password that the URL may hold."""

    code = "clickhouse_url"

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"ONCUE_CLICKHOUSE is no address of a ClickHouse ({reason}): "
            "write it like http://user:password@host:8123"
        )


class ClickHouseRefusedError(CrashError):
    """It answers, but not to this."""

    code = "clickhouse_refused"

    def __init__(self, *, address: str, reason: str) -> None:
        super().__init__(f"the ClickHouse at {address} refuses: {reason}")
        self.address = address
        self.reason = reason


class MigrationError(CrashError):
    """Migrations and database tell different stories."""

    code = "migration"


_DATA: Final = frozenset(
    {
        *(6, 25, 26, 27, 33, 38, 41, 72, 117),  # cannot parse, cannot read, incorrect data
        *(53, 69, 70, 131, 321, 349, 407),  # out of its column's range, or null in it
    }
)
"""Codes of ClickHouse that are about the values of a block."""

_LIMIT: Final = frozenset({158, 159, 160, 241, 307, 394, 396})
"""Rows, time, speed, memory, bytes, cancelled, result rows."""

_BUSY: Final = frozenset({202, 209, 210, 236, 242, 252, 319, 439, 999})
"""Queries, sockets, aborted, read-only, parts, unknown outcome, threads, Keeper."""

_REFUSED: Final = frozenset(
    {
        *(10, 16, 36, 43, 47, 48, 60, 62, 81, 115, 452),  # unknown names, syntax, settings
        *(192, 193, 194, 291, 497, 516),  # users, passwords, rights
    }
)

Mapping = Callable[[Exception, str], ClickHouseError]
"""From the driver's error and the address it was about."""


def mapped_read(error: Exception, address: str) -> ClickHouseError:
    """Tell what a failed read means."""
    number, reason = _told(error)
    if not isinstance(error, exceptions.Error):
        return ClickHouseRefusedError(address=address, reason=reason)
    if number is None:
        return ClickHouseAwayError(address=address, reason=reason)
    if number in _LIMIT:
        return QueryLimitError(reason=reason)
    if number in _BUSY:
        return ClickHouseBusyError(address=address, reason=reason)
    return ClickHouseRefusedError(address=address, reason=reason)


def mapped_write(error: Exception, address: str) -> ClickHouseError:
    """Tell what a failed insert means; a code nobody knows may go away, so it is a retry."""
    number, reason = _told(error)
    is_local = not isinstance(error, exceptions.Error) or isinstance(error, exceptions.DataError)
    if is_local or number in _DATA:
        return RowsRejectedError(reason=reason)
    if number is None:
        return ClickHouseAwayError(address=address, reason=reason)
    if number in _REFUSED:
        return ClickHouseRefusedError(address=address, reason=reason)
    return ClickHouseBusyError(address=address, reason=reason)


def _told(error: Exception) -> tuple[int | None, str]:
    """ClickHouse's number, None when it never answered; its words on one line, without the URL."""
    number = error.code if isinstance(error, exceptions.Error) else None
    words = str(error).partition("DB::Exception: ")[2] or str(error)
    system = _SYSTEM.search(words) if number is None else None
    if system is not None:
        return None, system[1]
    line = " ".join(words.partition(" (for url ")[0].split())
    return number, line[:REASON_MAX]
