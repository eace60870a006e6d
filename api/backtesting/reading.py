"""The logs out of ClickHouse, merged by log time; each partition as it was decided by."""

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
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
    """Yield every record up to an instant of the logs, epoch ms; errors as the reader's."""
    numbers = await logs.partitions(reader)
    rows = _page_rows(len(numbers))
    found = [logs.records(reader, partition=one, until=until, page_rows=rows) for one in numbers]
    async for one in _merged(numbers, found):
        yield one


async def read_before(reader: Reader, ends: Mapping[int, int]) -> AsyncIterator[Read]:
    """Yield every record that stands before an offset of its partition; errors as the reader's."""
    numbers, rows = sorted(ends), _page_rows(len(ends))
    found = [
        logs.records(reader, partition=number, before=ends[number], page_rows=rows)
        for number in numbers
    ]
    async for one in _merged(numbers, found):
        yield one


def _page_rows(partitions: int) -> int:
    return max(500, logs.PAGE_ROWS // max(partitions, 1))


async def _merged(
    numbers: Sequence[int], pages: Sequence[AsyncIterator[Stored]]
) -> AsyncIterator[Read]:
    found = [_log(number, stored) for number, stored in zip(numbers, pages, strict=True)]
    heads: list[tuple[int, int, int, int, Read]] = []
    for place, log in enumerate(found):
        await _push(heads, place, log)
    while heads:
        *_, place, one = heapq.heappop(heads)
        yield one
        await _push(heads, place, found[place])


async def _log(partition: int, records: AsyncIterator[Stored]) -> AsyncIterator[Read]:
    at = 0
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
