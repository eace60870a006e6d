"""Two people out of ClickHouse: every event before the marks, in the order of the logs.

Between partitions the order is that of the log times, within one it is that of the offsets.
"""

import asyncio
import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from clickhouse.client import Reader
from clickhouse.queries import histories
from clickhouse.queries.histories import Mark, StoredEvent
from engine import keys, rows, splitting
from engine.catalogue.shelf import Catalogue
from engine.customer import MESSAGES_MAX
from engine.definitions import pasts
from engine.definitions.folded import Definitions
from engine.errors import RejectedError
from engine.mergers import MergeEvent
from engine.merges import spans
from engine.merges.spans import Span
from engine.messages import Message
from engine.replay import Occurrence
from engine.rows import Row
from engine.splitting import Decided, Replay, Split
from streams import wire

TURN_EVENTS: Final = 100
"""Applied at a time, some 10 ms: other requests come in between."""

NOWHERE: Final = -1

_merge: Final = msgspec.json.Decoder(MergeEvent).decode
_message: Final = msgspec.json.Decoder(Message).decode


class History(NamedTuple):
    """How definitions are had as they were, and the catalogue as it is."""

    definitions_at: Callable[[int], Definitions]
    catalogue: Catalogue
    counting: Callable[[Definitions, Definitions], Definitions] = pasts.counted_ever
    """What is counted at some time, given the newest definitions."""


class Apart(NamedTuple):
    """The two people, and by what both were counted."""

    split: Split
    newest: Definitions


class _Placed(NamedTuple):
    at: int
    """Log time; within a partition never before that of the one before."""
    partition: int
    offset: int
    occurrence: Occurrence


class _Cut(NamedTuple):
    """What is the customer's of which logs."""

    marks: Mapping[str, Mark]
    theirs: Mapping[str, Sequence[Span]]
    partitions: frozenset[int]


async def split(reader: Reader, row: Row, marks: Mapping[str, Mark], history: History) -> Apart:
    """Replay what stands before the marks.

    Args:
        row: The survivor's, whose unmerge is ready.
        marks: By row key, of every identity that the customer has now.

    Raises:
        ClickHouseError: as the reader says.
    """
    cut = await _cut(reader, row, marks)
    replay = Replay(row, await _decided(reader, row, list(cut.theirs)))
    definitions = await _definitions(reader, cut.partitions, history)
    count = 0
    async for placed in _in_order([_log(reader, number, cut) for number in sorted(cut.partitions)]):
        replay.apply(placed.occurrence, definitions(placed.partition, placed.offset))
        count += 1
        if count % TURN_EVENTS == 0:
            await asyncio.sleep(0)
    newest = definitions(NOWHERE, 0)
    return Apart(replay.split(newest), newest)


async def _cut(reader: Reader, row: Row, marks: Mapping[str, Mark]) -> _Cut:
    """Everything before a mark; of a device that changed hands, the customer's parts of it."""
    told = []
    partitions = {mark.log_partition for mark in marks.values()}
    if any(link.state in {"linked", "lost"} for link in row.links.values()):
        for stored in await histories.hand_overs(reader, row.customer.id):
            _, partition, offset, _ = stored.cause.split("/")
            partitions.add(int(partition))
            told.append((_merge(stored.payload), int(offset)))
    found = spans.of_links(row.links, told)
    found[keys.from_public_id(row.customer.id)] = [Span(0, spans.LAST)]
    theirs = {key: of_key for key, of_key in found.items() if key in marks or _is_over(of_key)}
    return _Cut(marks, theirs, frozenset(partitions))


def _is_over(of_key: Sequence[Span]) -> bool:
    return all(span.until < spans.LAST for span in of_key)


async def _decided(reader: Reader, row: Row, identities: Sequence[str]) -> Decided:
    """What is on record for those that go, and what the others did as well."""
    assert row.unmerge is not None
    assert row.freeze is not None
    going = [keys.public_id(key) for key in row.unmerge.along]
    entered = await histories.entered(reader, [keys.public_id(key) for key in identities])
    base = row.freeze.base
    others: dict[str, int] = {}
    for one in entered:
        if one.customer not in going:
            others[one.campaign] = max(one.at_ms, others.get(one.campaign, 0))
    runs = list({*(run.id for run in base.runs), *(one.id for one in base.pursuits)})
    messages = await histories.sent(reader, going, limit=MESSAGES_MAX)
    return Decided(
        sent=[splitting.sent(_message(payload)) for payload in messages],
        entered={one.campaign: one.at_ms for one in entered if one.customer in going},
        entered_by_others=others,
        runs=await histories.begun(reader, going, runs) if runs else frozenset(),
    )


async def _definitions(
    reader: Reader, partitions: Iterable[int], history: History
) -> Callable[[int, int], Definitions]:
    """What a partition decided under at an offset; `NOWHERE` gives the newest of all."""
    of_partition: defaultdict[int, list[histories.Switch]] = defaultdict(list)
    for switch in await histories.switches(reader, sorted(partitions)):
        of_partition[switch.log_partition].append(switch)
    newest = max((some[-1].definitions for some in of_partition.values()), default=-1)
    folded: dict[int, Definitions] = {}

    def at(partition: int, offset: int) -> Definitions:
        known = of_partition.get(partition, [])
        place = bisect_right(known, offset, key=lambda switch: switch.log_offset)
        reached = newest if partition == NOWHERE else known[place - 1].definitions if place else -1
        if reached not in folded:
            found = history.counting(
                history.definitions_at(reached), history.definitions_at(newest)
            )
            folded[reached] = msgspec.structs.replace(found, catalogue=history.catalogue)
        return folded[reached]

    return at


async def _log(reader: Reader, partition: int, cut: _Cut) -> AsyncIterator[_Placed]:
    marks = cut.marks.values()
    ends = {mark.key: mark.log_offset for mark in marks if mark.log_partition == partition}
    stored_events = histories.events(
        reader,
        partition=partition,
        identities=[keys.public_id(key) for key in cut.theirs],
        until=max(ends.values(), default=spans.LAST),
    )
    at = 0
    async for stored in stored_events:
        at = max(at, stored.logged_ms)
        if stored.log_offset >= ends.get(stored.key, spans.LAST):
            continue
        occurrence = _occurrence(stored, cut.theirs)
        if occurrence is not None:
            yield _Placed(at, partition, stored.log_offset, occurrence)


def _occurrence(stored: StoredEvent, wanted: Mapping[str, Sequence[Span]]) -> Occurrence | None:
    if not spans.is_within(wanted.get(stored.key, ()), stored.log_offset):
        return None
    try:
        event = wire.decode_event(stored.payload.encode(), None).event
    except RejectedError:
        # The worker refused it as well.
        return None
    return Occurrence(stored.key, event, stored.logged_ms) if rows.is_from_client(event) else None


async def _in_order(logs: Sequence[AsyncIterator[_Placed]]) -> AsyncIterator[_Placed]:
    heads: list[tuple[tuple[int, int, int], int, _Placed]] = []
    for number, log in enumerate(logs):
        await _push(heads, number, log)
    while heads:
        _, number, placed = heapq.heappop(heads)
        yield placed
        await _push(heads, number, logs[number])


async def _push(
    heads: list[tuple[tuple[int, int, int], int, _Placed]],
    number: int,
    log: AsyncIterator[_Placed],
) -> None:
    placed = await anext(log, None)
    if placed is not None:
        heapq.heappush(heads, (placed[:3], number, placed))
