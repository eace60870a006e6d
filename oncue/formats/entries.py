"""What a line of a file becomes."""

import hashlib
from typing import Final

import msgspec

LONGEST_NAME_CHARS: Final = 88
"""Of the file in an id, since collectors refuse a `messageId` of more than 100 characters."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One event as a Segment message, with its time."""

    line: int
    """From 1, as an editor shows it; in the unpacked file when it is packed."""
    occurred_at: int
    message: dict[str, object]


class Malformed(msgspec.Struct, frozen=True, kw_only=True):
    """A line passed over, and why."""

    line: int
    reason: str


def source_name(file_name: str) -> str:
    """The file in the ids of its lines: its name, shortened the same way every time if too long."""
    if len(file_name) <= LONGEST_NAME_CHARS:
        return file_name
    digest = hashlib.sha256(file_name.encode(errors="surrogateescape")).hexdigest()[:12]
    return f"{file_name[: LONGEST_NAME_CHARS - 13]}~{digest}"
