"""Seeing that work goes on without getting anywhere, and ending the process over it.

Faust and aiokafka have ways of standing still that raise nothing: a commit that never advances
(upstream issue 596), a fetch that is never answered, a member that does not rejoin (aiokafka
issues 1154, 1187), a recovery whose wait was taken for a stop. A restart cures each of them.
"""

from collections.abc import Hashable
from typing import Final

import msgspec
from faust.types import TP

from agents.errors import StalledError

COMMIT_STALL_S: Final = 30.0
"""Thirty commits missed; a broker that slow has failed the appends before."""

CHUNK_STALL_S: Final = 60.0
"""A chunk takes milliseconds, and its appends time out in seconds. The queues hold a few."""

INTERVAL_S: Final = 1.0


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the application is doing at one moment."""

    positions: dict[TP, int]
    """The next offset to process."""
    committed: dict[TP, int | None]
    behind: dict[TP, int]
    """The next offset to process, where the log goes on behind it."""
    running: dict[TP, float]
    """Chunks in the agents' hands, by when they began."""
    starting: Hashable | None
    """What changes while the group forms and tables recover; None while the inputs run."""


class Watchdog:
    """Compares readings. `starting_stall_s` leaves out the time a keeper takes."""

    def __init__(self, *, starting_stall_s: float) -> None:
        self._starting_stall_s = starting_stall_s
        self._since: dict[str, tuple[Hashable, float]] = {}

    def check(self, reading: Reading, *, now_s: float) -> None:
        """Compare with the readings before; `now_s` is monotonic.

        Raises:
            StalledError: something has not moved for too long.
        """
        limits = self._limits(reading)
        self._since = {what: since for what, since in self._since.items() if what in limits}
        for what, (value, limit_s) in limits.items():
            seen, since_s = self._since.get(what, (value, now_s))
            if seen != value:
                since_s = now_s
            self._since[what] = (value, since_s)
            if now_s - since_s >= limit_s:
                raise StalledError(what=what, stalled_s=now_s - since_s)

    def _limits(self, reading: Reading) -> dict[str, tuple[Hashable, float]]:
        """What should move, what it is at, and for how long it may stay there."""
        limits: dict[str, tuple[Hashable, float]] = {}
        for tp, position in reading.positions.items():
            committed = reading.committed.get(tp)
            if position > (committed or 0):
                limits[f"the commit of {tp} stands still"] = (committed, COMMIT_STALL_S)
        for tp, position in reading.behind.items():
            limits[f"{tp} has records that do not arrive"] = (position, CHUNK_STALL_S)
        for tp, began_s in reading.running.items():
            limits[f"a chunk of {tp} does not end"] = (began_s, CHUNK_STALL_S)
        if reading.starting is not None:
            what = "no progress in joining or recovery"
            limits[what] = (reading.starting, self._starting_stall_s)
        return limits
