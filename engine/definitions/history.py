"""What the log of changes held, so that the fold can be had again as it was at any offset."""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import msgspec

from engine.definitions import folded
from engine.definitions.changes import Change, DefinitionKind
from engine.definitions.folded import NOTHING_FOLDED, Definitions

CHECKPOINT_EVERY: Final = 64
"""Changes between two kept folds: `at` folds fewer than that, about 50 us each."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One record of the log and what the fold made of it."""

    offset: int
    change: Change | None
    """None: the record could not be read."""
    is_void: bool


class History:
    """Grows with the log; about 1 KB a change, kept whole since definitions change rarely."""

    def __init__(self) -> None:
        self.current = Definitions()
        self._entries: list[Entry] = []
        self._checkpoints: list[Definitions] = [self.current]

    def append(self, change: Change | None, *, offset: int) -> Entry:
        """Fold the next record; None stands for one that cannot be read, which is void.

        Raises:
            ValueError: the offset is not above the last one.
        """
        if offset <= self.current.offset:
            raise ValueError(f"offset {offset} after {self.current.offset}")
        entry, self.current = _folded(self.current, change, offset=offset)
        self._entries.append(entry)
        if len(self._entries) % CHECKPOINT_EVERY == 0:
            self._checkpoints.append(self.current)
        return entry

    def at(self, offset: int) -> Definitions:
        """Fold exactly up to `offset`, inclusive; -1 is before the first change.

        The same offset gives equal definitions in every process.

        Raises:
            LookupError: the fold has not come that far.
        """
        if offset == self.current.offset:
            return self.current
        if offset > self.current.offset:
            raise LookupError(f"folded up to {self.current.offset}, asked for {offset}")
        place = bisect_right(self._checkpoints, offset, key=_offset) - 1
        if place < 0:
            return Definitions(offset=NOTHING_FOLDED)
        definitions = self._checkpoints[place]
        for entry in self._between(definitions.offset, offset):
            _, definitions = _folded(definitions, entry.change, offset=entry.offset)
        return definitions

    def after(self, offset: int) -> list[Entry]:
        """List the entries above `offset`, in the order of the log."""
        return list(self._between(offset, self.current.offset))

    def applied_to(self, kind: DefinitionKind, definition_id: str) -> list[Entry]:
        """List what changed one definition, oldest first; void changes are not part of it."""
        return [
            entry
            for entry in self._entries
            if entry.change is not None
            and not entry.is_void
            and (entry.change.kind, entry.change.id) == (kind, definition_id)
        ]

    def entry(self, offset: int) -> Entry:
        """Find the entry at an offset.

        Raises:
            LookupError: there is none.
        """
        found = self.after(offset - 1)
        if not found or found[0].offset != offset:
            raise LookupError(f"no change at offset {offset}")
        return found[0]

    def _between(self, low: int, high: int) -> Iterator[Entry]:
        """Entries above `low`, up to `high`."""
        first = bisect_right(self._entries, low, key=_offset)
        last = bisect_right(self._entries, high, key=_offset)
        yield from self._entries[first:last]


def _offset(item: Entry | Definitions) -> int:
    return item.offset


def _folded(
    definitions: Definitions, change: Change | None, *, offset: int
) -> tuple[Entry, Definitions]:
    if change is None:
        moved = msgspec.structs.replace(definitions, offset=offset)
        return Entry(offset=offset, change=None, is_void=True), moved
    after = folded.fold(definitions, change, offset=offset)
    return Entry(offset=offset, change=change, is_void=after.is_void), after.definitions
