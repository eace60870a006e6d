"""The country of phone numbers that a door's record writes without one."""

from bisect import bisect_right
from typing import NamedTuple

from engine.definitions import settings
from engine.definitions.history import History


class Said(NamedTuple):
    """From when on a region goes."""

    since: int
    """Epoch ms, by the API's clock."""
    region: str | None


class Regions:
    """The setting `region` as of a time, so that a record read again after a crash reads the same.

    Read otherwise, a receipt known by its phone alone could go to two customers. Before a region
    was ever said the first one goes: that takes what would be refused, and moves nothing.
    """

    def __init__(self, history: History) -> None:
        self._history = history
        self._folded_to = -1
        self._known: list[Said] = []

    def at(self, at: int) -> str | None:
        """The region as of an instant, epoch ms; None: the shop says none."""
        if self._folded_to != self._history.current.offset:
            self._known = self._read()
            self._folded_to = self._history.current.offset
        if not self._known:
            return None
        place = bisect_right(self._known, at, key=lambda said: said.since)
        return self._known[max(place - 1, 0)].region

    def _read(self) -> list[Said]:
        found: list[Said] = []
        for entry in self._history.applied_to("settings", settings.ID):
            region = self._history.at(entry.offset).settings.region
            since = 0 if entry.change is None else entry.change.at
            if found or region is not None:
                found.append(Said(max(since, found[-1].since if found else 0), region))
        return found
