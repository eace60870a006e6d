"""The rows of one partition: all as stored bytes, the recently used ones decoded too."""

from typing import Final

import msgspec

from engine import keys
from engine import rows as engine_rows
from engine.rows import Row
from tables import rows

DECODED_MAX: Final = 20_000
"""Decoded rows kept per partition; about 6 KB each, so at most 120 MB."""


class Slot(msgspec.Struct, kw_only=True):
    """A decoded row and its header's fields, as they will be written next."""

    row: Row
    version: int = 0
    offset: int = -1
    size_bytes: int = 0
    """Upper bound: as last encoded, plus twice every event applied since."""


class RowCache:
    """The single writer's view of its partition."""

    def __init__(self, stored: dict[bytes, bytes], *, decoded_max: int = DECODED_MAX) -> None:
        self._stored = stored
        self._decoded: dict[bytes, Slot] = {}
        self._decoded_max = decoded_max

    def __len__(self) -> int:
        return len(self._stored)

    def slot(self, key: bytes) -> Slot:
        """The decoded row; whoever was never seen has a blank one that is not stored yet.

        Raises:
            RejectedError: the key is no customer's.
        """
        slot = self._decoded.pop(key, None)
        if slot is None:
            slot = self._load(key)
        self._decoded[key] = slot
        return slot

    def keep(self, key: bytes, value: bytes) -> None:
        """Take a row as it was just encoded."""
        self._stored[key] = value
        slot = self._decoded.get(key)
        if slot is not None:
            slot.size_bytes = len(value)

    def trim(self) -> None:
        """Let go of the decoded rows that were not used longest; every row must be stored."""
        while len(self._decoded) > self._decoded_max:
            del self._decoded[next(iter(self._decoded))]

    def _load(self, key: bytes) -> Slot:
        value = self._stored.get(key)
        if value is None:
            return Slot(row=engine_rows.blank(keys.row_key(key)))
        header, row = rows.decode(value)
        return Slot(row=row, version=header.version, offset=header.offset, size_bytes=len(value))
