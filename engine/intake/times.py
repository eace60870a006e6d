"""When it happened, by a clock that may be wrong.

sent_at - timestamp    how long the source held the message, by its own clock
received_at - that     the same moment by ours: the source's error cancels out
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from engine.errors import RejectedError
from engine.intake import limits
from engine.intake.values import Object, shown

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def instant(value: object, *, path: str) -> int:
    """Read ISO 8601 with any offset, UTC if there is none, as epoch ms.

    Raises:
        RejectedError: `invalid_timestamp`; also before 1970.
    """
    at = _parsed(value)
    if at is None or at < 0:
        raise RejectedError(
            "invalid_timestamp",
            f'{shown(value)} is no time: write it like "2026-11-22T10:00:00Z"',
            path=path,
        )
    return at


class Times(NamedTuple):
    """When a message's event happened, epoch ms."""

    occurred_at: int
    """By our clock."""
    said_at: int | None
    """By the source's; None: the same, or not said."""


def of_message(message: Object, *, received_at: int, sent_at: object) -> Times:
    """Tell when a message's event happened, and keep what the source said of it.

    Raises:
        RejectedError: `invalid_timestamp`.
    """
    at = occurred_at(message, received_at=received_at, sent_at=sent_at)
    said = _said(message)
    said_at = None if said is None else instant(said[1], path=said[0])
    return Times(occurred_at=at, said_at=None if said_at == at else said_at)


def occurred_at(message: Object, *, received_at: int, sent_at: object) -> int:
    """Tell when a message's event happened, epoch ms.

    Corrected by `sentAt` where there is one; one that cannot be read corrects nothing. Never
    later than `received_at` plus `AHEAD_MAX_MS`; any time in the past is kept.

    Raises:
        RejectedError: `invalid_timestamp`.
    """
    said = _said(message)
    if said is None:
        return received_at
    path, original = said
    at = instant(original, path=path)
    sent = message.get("sentAt")
    sent = _parsed(sent_at if sent is None else sent)
    if sent is not None:
        at += received_at - sent
    elif path == "originalTimestamp" and message.get("timestamp") is not None:
        at = instant(message["timestamp"], path="timestamp")
    if at < 0:
        raise RejectedError("invalid_timestamp", "corrected, it is before 1970", path=path)
    return clamped(at, received_at=received_at)


def clamped(at: int, *, received_at: int) -> int:
    """Pull a time that is ahead of ours back to the bound."""
    return min(at, received_at + limits.AHEAD_MAX_MS)


def _said(message: Object) -> tuple[str, object] | None:
    """The source's own word, with its field; None when there is none."""
    for path in ("originalTimestamp", "timestamp"):
        if message.get(path) is not None:
            return path, message[path]
    return None


def _parsed(value: object) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // _MS
    except (ValueError, OverflowError):
        return None
