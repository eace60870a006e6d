"""The log before the seam once more, with what is to be filled in counted beside it.

Rows go through everything that they went through: duplicates, merges, forwards, waiting, erasure.
What is counted has names of its own, so that nothing else comes out otherwise than it did.

What a forward passed on is stored with the original alone, so it counts as of that place: in the
moment that a partition switches, one that is passed on across may count with either side.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final, NamedTuple

import msgspec

from api.backtesting import reading
from api.backtesting.reading import Known, Switches
from api.backtesting.rows import SpilledRows
from api.refilling.pacing import Pace
from api.unmerging import replaying as apart
from api.unmerging.replaying import History
from clickhouse.client import Reader
from clickhouse.queries import histories, logs
from engine import filling, ids, splitting
from engine.aggregates import shares
from engine.aggregates.tallies import Tally
from engine.commands import Backfilled
from engine.customer import Customer
from engine.definitions import counters
from engine.definitions.counters import MetricEntry
from engine.definitions.folded import Definitions
from engine.mergers import Moved, ReleaseRequested, Restored, Unmerged
from engine.merges import moving, unmerging
from engine.rehearsal.past import LogEvent, Past, Rows
from engine.rows import Row
from engine.splitting import Split

PREFIX: Final = "backfill:"
"""Before the name of what is counted; no metric's id has a colon."""


class Asked(NamedTuple):
    """What is to be filled in."""

    entries: Mapping[str, MetricEntry]
    seams: Mapping[int, int]
    """By partition, the offset of the `switch` from which on rows count."""
    begun_at: int
    after: str
    """Row key of the last identity that was told."""


class Replay:
    """Every row up to the seam."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._past = Past(rows, campaign="")
        self._under_way: dict[str, tuple[str, dict[str, Tally]]] = {}
        """By merge or unmerge, what goes along: the stored record was written without it."""

    def splitting(self, one: LogEvent) -> Row | None:
        """The row that an unmerge splits: the two pasts are to be told apart before it."""
        row = self._rows.get(one.key)
        if row is None or not isinstance(one.event, Unmerged):
            return None
        return row if splitting.is_ready(row.unmerge, one.event.unmerge_id) else None

    def apply(self, one: LogEvent, definitions: Definitions, *, split: Split | None = None) -> None:
        """Advance whose record it is.

        Args:
            split: Of an unmerge that `splitting` gave a row for: with what is to be filled in.
        """
        event, known = one.event, self._rows.get(one.key)
        before = {} if known is None or known.forward else counted(known)
        if isinstance(event, Moved):
            one = one._replace(event=self._with_past(event))
        elif isinstance(event, Restored):
            one = one._replace(event=self._with_own(event))
        elif isinstance(event, Unmerged) and split is not None and known is not None:
            one = one._replace(event=self._apart(event, split, known))
        for _ in self._past.apply(one, definitions):
            # What was decided is decided.
            pass
        after = self._rows.get(one.key)
        if isinstance(event, ReleaseRequested) and before and after and after.forward:
            self._under_way[event.merge_id] = (one.key, before)
        if isinstance(event, Restored) and after is not None and not after.forward:
            self._under_way.pop(event.unmerge_id, None)

    def past(self, key: str) -> dict[str, Tally]:
        """What is to be filled in for an identity; nothing for who was erased."""
        row = self._rows.get(key)
        if row is None or row.erasure is not None:
            return {}
        found = counted(row)
        for origin, along in self._under_way.values():
            if origin == key:
                found = shares.joined(found, along)
        return {name.removeprefix(PREFIX): tally for name, tally in found.items()}

    def _with_past(self, event: Moved) -> Moved:
        _, along = self._under_way.pop(event.merge_id, ("", {}))
        state = moving.opened(event)
        if not along or state.customer == Customer(id=state.customer.id):
            # An anonymous past of long ago stays out.
            return event
        return msgspec.structs.replace(event, state=_joined(event.state, along))

    def _with_own(self, event: Restored) -> Restored:
        """A device that changed hands meanwhile hands it on: then it is under way still."""
        _, along = self._under_way.get(event.unmerge_id, ("", {}))
        return msgspec.structs.replace(event, state=_joined(event.state, along))

    def _apart(self, event: Unmerged, split: Split, row: Row) -> Unmerged:
        assert row.unmerge is not None
        gone = _beside(split.identity.customer)
        self._under_way[event.unmerge_id] = (row.unmerge.identity, gone)
        stays = _joined(event.survivor, _beside(split.survivor.customer))
        return msgspec.structs.replace(event, survivor=stays)


def _joined(state: bytes, along: Mapping[str, Tally]) -> bytes:
    """The state, and what goes along."""
    known = moving.decoded(state)
    tallies = shares.joined(known.customer.tallies, along)
    customer = msgspec.structs.replace(known.customer, tallies=tallies)
    return msgspec.msgpack.encode(msgspec.structs.replace(known, customer=customer))


def _beside(customer: Customer) -> dict[str, Tally]:
    return {name: one for name, one in customer.tallies.items() if name.startswith(PREFIX)}


async def run(
    reader: Reader, known: Known, asked: Asked, *, progress: Callable[[int], Awaitable[None]]
) -> AsyncIterator[Backfilled]:
    """Replay, then yield a command for each identity that has a past, by row key.

    Raises:
        ClickHouseError: as the reader says.
    """
    beside = Known(
        lambda offset: counting(known.definitions_at(offset), asked.entries), known.catalogue
    )
    switches, pace = Switches(await logs.switches(reader), beside), Pace()
    with SpilledRows() as rows:
        replay, count = Replay(rows), 0
        async for read in reading.read_before(reader, asked.seams):
            row, split = replay.splitting(read.one), None
            if row is not None:
                split = await _split(reader, row, beside)
            replay.apply(read.one, switches.at(read.partition, read.offset), split=split)
            count += 1
            if pace.is_over:
                await progress(count)
                await pace.rest()
        await progress(count)
        for key in rows.ordered(after=asked.after):
            tallies = replay.past(key)
            if tallies:
                yield command(key, tallies, asked)
            if pace.is_over:
                await pace.rest()


async def _split(reader: Reader, row: Row, beside: Known) -> Split:
    """The two people of an unmerge, each with what is to be filled in."""
    assert row.unmerge is not None
    asked = [unmerging.mark_id(row.unmerge.id, key) for key in unmerging.marked_identities(row)]
    history = History(beside.definitions_at, beside.catalogue, lambda then, _: then)
    marks = await histories.marks(reader, asked)
    return (await apart.split(reader, row, marks, history)).split


def command(key: str, tallies: dict[str, Tally], asked: Asked) -> Backfilled:
    """The past of one identity: the same one whenever it is counted again."""
    return Backfilled(
        id=ids.derived("backfilled", key, *sorted(asked.entries), asked.begun_at),
        occurred_at=asked.begun_at,
        source="api",
        origin=key,
        tallies=filling.told(tallies),
    )


def counting(definitions: Definitions, entries: Mapping[str, MetricEntry]) -> Definitions:
    """The definitions, with these counted beside what they count."""
    beside = {f"{PREFIX}{name}": _named(name, entry) for name, entry in entries.items()}
    indexed = counters.indexed(definitions.metrics, {**definitions.demands, **beside})
    return msgspec.structs.replace(definitions, counters=indexed)


def counted(row: Row) -> dict[str, Tally]:
    """What a row has of it; what waits for a merge counts when it is decided."""
    return _beside(row.customer if row.freeze is None else row.freeze.base)


def _named(name: str, entry: MetricEntry) -> MetricEntry:
    metric = msgspec.structs.replace(entry.latest, id=f"{PREFIX}{name}", history=False)
    return msgspec.structs.replace(entry, versions={1: metric}, is_warming=False)
