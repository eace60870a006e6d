"""Segment messages, one JSON object a line, as exports and the demo's generator write them.

A message's time is its `timestamp`, else `originalTimestamp`. Its own `messageId` gives way to the
line's, so that a file always means the same ids.
"""

from typing import Final

from engine.errors import RejectedError
from engine.intake import decoding, times
from oncue.formats import instants
from oncue.formats.entries import Entry
from oncue.formats.errors import MalformedLineError
from oncue.formats.parsing import Start

CLOCK_FIELDS: Final = ("originalTimestamp", "sentAt", "receivedAt")
"""A tracker's notes on its own clock; they would move a time that is already right."""


def start(_: str) -> Start:
    """There is no header."""
    return Start(_parse, has_header=False)


def _parse(text: str, *, line: int, message_id: str) -> Entry:
    try:
        message = decoding.message(text.encode())
    except RejectedError as error:
        raise MalformedLineError(f"{error.code}: {error}") from error
    occurred_at = _occurred_at(message)
    for name in CLOCK_FIELDS:
        message.pop(name, None)
    message["messageId"] = message_id
    message["timestamp"] = instants.rfc3339(occurred_at)
    return Entry(line=line, occurred_at=occurred_at, message=message)


def _occurred_at(message: dict[str, object]) -> int:
    value = message.get("timestamp") or message.get("originalTimestamp")
    if value is None:
        raise MalformedLineError("no timestamp")
    try:
        return times.instant(value, path="timestamp")
    except RejectedError as error:
        raise MalformedLineError(f"timestamp: {error}") from error
