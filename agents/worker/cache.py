"""The rows of one partition: all as stored bytes, the recently used ones decoded too."""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import msgspec

from agents.worker.batches import WithOutbox
from tables.rows import Header

DECODED_MAX: Final = 20_000
"""Decoded rows kept by a process, of all its partitions; about 6 KB each, so at most 120 MB."""


R = TypeVar("R", bound=WithOutbox)


class Slot(msgspec.Struct, Generic[R], kw_only=True):
    """A decoded row and its header's fields, as they will be written next."""

    row: R
    version: int = 0
    offset: int = -1
    size_bytes: int = 0
    """Upper bound: as last encoded, plus twice every event applied since."""


class DecodedRows:
    """What is decoded of all partitions of a process; who was not used longest leaves first.

    A key lies in one partition only. What an earlier owner of it decoded is left to grow old.
    """

    def __init__(self, *, at_most: int = DECODED_MAX) -> None:
        self._slots: dict[bytes, tuple[object, Slot[Any]]] = {}
        self._at_most = at_most

    def __len__(self) -> int:
        return len(self._slots)

    def take(self, key: bytes, *, owner: object) -> Slot[Any] | None:
        """Take out what this owner put there."""
        found = self._slots.pop(key, None)
        return None if found is None or found[0] is not owner else found[1]

    def put(self, key: bytes, slot: Slot[Any], *, owner: object) -> None:
        """Keep it as the one used last."""
        self._slots[key] = (owner, slot)

    def trim(self) -> None:
        """Let go of the oldest beyond the bound; between folds every row is stored, whosever."""
        while len(self._slots) > self._at_most:
            del self._slots[next(iter(self._slots))]


class RowCache(Generic[R]):
    """The single writer's view of its partition."""

    def __init__(
        self,
        stored: dict[bytes, bytes],
        *,
        blank: Callable[[bytes], R],
        decode: Callable[[bytes], tuple[Header, R]],
        decoded: DecodedRows,
    ) -> None:
        self._stored = stored
        self._blank = blank
        self._decode = decode
        self._decoded = decoded

    def __len__(self) -> int:
        return len(self._stored)

    def slot(self, key: bytes) -> Slot[R]:
        """The decoded row; whoever was never seen has a blank one that is not stored yet.

        Raises:
            RejectedError: the key is none of the table's.
        """
        slot: Slot[R] | None = self._decoded.take(key, owner=self)
        if slot is None:
            slot = self._load(key)
        self._decoded.put(key, slot, owner=self)
        return slot

    def keep(self, key: bytes, slot: Slot[R], value: bytes) -> None:
        """Take a row as it was just encoded."""
        self._stored[key] = value
        slot.size_bytes = len(value)

    def trim(self) -> None:
        """Keep to the bound of the process; every row must be stored."""
        self._decoded.trim()

    def _load(self, key: bytes) -> Slot[R]:
        value = self._stored.get(key)
        if value is None:
            return Slot(row=self._blank(key))
        header, row = self._decode(value)
        return Slot(row=row, version=header.version, offset=header.offset, size_bytes=len(value))
