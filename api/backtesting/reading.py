"""The logs out of ClickHouse, merged by log time; each partition as it was decided by."""

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from clickhouse.client import Reader
from clickhouse.queries import logs
from clickhouse.queries.logs import Stored, Switched
from engine.catalogue.shelf import Catalogue
from engine.definitions.folded import Definitions
from engine.errors import RejectedError
from engine.rehearsal.past import LogEvent
from streams import wire

FOLDED_MAX: Final = 1_000
"""States of the two logs kept; where the catalogue changes all the time there are many."""


class Read(NamedTuple):
    """A record, and where it stands."""

    partition: int
    offset: int
    one: LogEvent


class Known(NamedTuple):
    """How definitions and the catalogue are had as they were."""

    definitions_at: Callable[[int], Definitions]
    catalogue: Catalogue
    """As it is now: older states of it are found by offset, as far as this process keeps them."""


class Switches:
    """What each partition decided under at an offset: either log only ever moves on."""

    def __init__(self, found: Sequence[Switched], known: Known) -> None:
        self._known = known
        self._offsets: defaultdict[int, list[int]] = defaultdict(list)
        self._reached: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        self._folded: dict[tuple[int, int], Definitions] = {}
        for switch in found:
            reached = self._reached[switch.log_partition]
            before = reached[-1] if reached else (-1, -1)
            self._offsets[switch.log_partition].append(switch.log_offset)
            reached.append((max(before[0], switch.definitions), max(before[1], switch.catalogue)))

    def at(self, partition: int, offset: int) -> Definitions:
        """The definitions with the catalogue beside them."""
        place = bisect_right(self._offsets[partition], offset)
        reached = self._reached[partition][place - 1] if place else (-1, -1)
        if reached not in self._folded:
            if len(self._folded) >= FOLDED_MAX:
                self._folded.clear()
            definitions = self._known.definitions_at(reached[0])
            catalogue = self._known.catalogue.at(reached[1])
            self._folded[reached] = msgspec.structs.replace(definitions, catalogue=catalogue)
        return self._folded[reached]


async def read(reader: Reader, *, until: int) -> AsyncIterator[Read]:
    """Yield every record; errors as the reader's."""
    numbers = await logs.partitions(reader)
    page_rows = max(500, logs.PAGE_ROWS // max(len(numbers), 1))
    found = [_log(reader, number, until=until, page_rows=page_rows) for number in numbers]
    heads: list[tuple[int, int, int, int, Read]] = []
    for place, log in enumerate(found):
        await _push(heads, place, log)
    while heads:
        *_, place, one = heapq.heappop(heads)
        yield one
        await _push(heads, place, found[place])


async def _log(
    reader: Reader, partition: int, *, until: int, page_rows: int
) -> AsyncIterator[Read]:
    at = 0
    records = logs.records(reader, partition=partition, until=until, page_rows=page_rows)
    async for stored in records:
        at = max(at, stored.logged_ms)
        one = _decoded(stored, at)
        if one is not None:
            yield Read(partition, stored.log_offset, one)


def _decoded(stored: Stored, at: int) -> LogEvent | None:
    """The record; None of one that the worker refused as well."""
    try:
        event, cause = wire.decode_event(
            stored.payload.encode(), stored.cause.encode() if stored.cause else None
        )
    except RejectedError:
        return None
    return LogEvent(stored.key, event, at, cause) if stored.key else None


async def _push(
    heads: list[tuple[int, int, int, int, Read]], place: int, log: AsyncIterator[Read]
) -> None:
    one = await anext(log, None)
    if one is not None:
        heapq.heappush(heads, (one.one.at, one.partition, one.offset, place, one))
