"""The rows of one partition: all as stored bytes, the recently used ones decoded too."""

from typing import Final

import msgspec

from engine import keys
from engine import rows as engine_rows
from engine.rows import Row
from tables import rows

DECODED_MAX: Final = 20_000
"""Decoded rows kept by a process, of all its partitions; about 6 KB each, so at most 120 MB."""


class Slot(msgspec.Struct, kw_only=True):
    """A decoded row and its header's fields, as they will be written next."""

    row: Row
    version: int = 0
    offset: int = -1
    size_bytes: int = 0
    """Upper bound: as last encoded, plus twice every event applied since."""


class DecodedRows:
    """What is decoded of all partitions of a process; who was not used longest leaves first.

    A key lies in one partition only. What an earlier owner of it decoded is left to grow old.
    """

    def __init__(self, *, at_most: int = DECODED_MAX) -> None:
        self._slots: dict[bytes, tuple[object, Slot]] = {}
        self._at_most = at_most

    def __len__(self) -> int:
        return len(self._slots)

    def take(self, key: bytes, *, owner: object) -> Slot | None:
        """Take out what this owner put there."""
        found = self._slots.pop(key, None)
        return None if found is None or found[0] is not owner else found[1]

    def put(self, key: bytes, slot: Slot, *, owner: object) -> None:
        """Keep it as the one used last."""
        self._slots[key] = (owner, slot)

    def trim(self) -> None:
        """Let go of the oldest beyond the bound; between folds every row is stored, whosever."""
        while len(self._slots) > self._at_most:
            del self._slots[next(iter(self._slots))]


class RowCache:
    """The single writer's view of its partition."""

    def __init__(self, stored: dict[bytes, bytes], *, decoded: DecodedRows) -> None:
        self._stored = stored
        self._decoded = decoded

    def __len__(self) -> int:
        return len(self._stored)

    def slot(self, key: bytes) -> Slot:
        """The decoded row; whoever was never seen has a blank one that is not stored yet.

        Raises:
            RejectedError: the key is no customer's.
        """
        slot = self._decoded.take(key, owner=self)
        if slot is None:
            slot = self._load(key)
        self._decoded.put(key, slot, owner=self)
        return slot

    def keep(self, key: bytes, slot: Slot, value: bytes) -> None:
        """Take a row as it was just encoded."""
        self._stored[key] = value
        slot.size_bytes = len(value)

    def trim(self) -> None:
        """Keep to the bound of the process; every row must be stored."""
        self._decoded.trim()

    def _load(self, key: bytes) -> Slot:
        value = self._stored.get(key)
        if value is None:
            return Slot(row=engine_rows.blank(keys.row_key(key)))
        header, row = rows.decode(value)
        return Slot(row=row, version=header.version, offset=header.offset, size_bytes=len(value))
