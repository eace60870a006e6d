"""Which rows have a timer due: derived from the row headers, never stored itself."""

import heapq
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from engine.rows import Timer
from tables import rows

STALE_SLACK_COUNT: Final = 1_000
"""Stale entries beside as many as there are live ones: a few hundred KB."""


class Due(NamedTuple):
    """A timer to be appended to `events`."""

    key: bytes
    timer_id: str
    timer: Timer


class TimerIndex:
    """A heap of (due, row), with one live entry per row; what a later write replaced is stale."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, bytes]] = []
        self._next: dict[bytes, int] = {}
        self._appended: dict[bytes, set[tuple[str, int]]] = {}

    @property
    def entries_count(self) -> int:
        """Entries of the heap, stale ones too."""
        return len(self._heap)

    def set(self, key: bytes, next_due_at: int) -> None:
        """The row is durable with this next due time; `rows.NEVER` takes it out."""
        if next_due_at == rows.NEVER:
            self._next.pop(key, None)
            self._appended.pop(key, None)
            return
        if self._next.get(key) != next_due_at:
            self._next[key] = next_due_at
            heapq.heappush(self._heap, (next_due_at, key))
            self._tidy()

    def due(
        self, now: int, timers_of: Callable[[bytes], Mapping[str, Timer]], *, at_most: int
    ) -> list[Due]:
        """Take the timers due by `now`; each generation is given out once.

        A row leaves the heap with its last due timer, until it is written again.
        """
        found: list[Due] = []
        while self._heap and self._heap[0][0] <= now and len(found) < at_most:
            due_at, key = heapq.heappop(self._heap)
            if self._next.get(key) != due_at:
                continue
            del self._next[key]
            found += self._of_row(key, now, timers_of(key))
        return found

    def _tidy(self) -> None:
        """Drop the stale entries once they are the most: else each lies there until it is due."""
        if len(self._heap) > 2 * len(self._next) + STALE_SLACK_COUNT:
            self._heap = [(due_at, key) for key, due_at in self._next.items()]
            heapq.heapify(self._heap)

    def _of_row(self, key: bytes, now: int, timers: Mapping[str, Timer]) -> list[Due]:
        due = [
            Due(key, name, timer) for name, timer in sorted(timers.items()) if timer.due_at <= now
        ]
        before = self._appended.get(key, set())
        self._appended[key] = {(one.timer_id, one.timer.generation) for one in due}
        later = [timer.due_at for timer in timers.values() if timer.due_at > now]
        if later:
            self.set(key, min(later))
        return [one for one in due if (one.timer_id, one.timer.generation) not in before]
