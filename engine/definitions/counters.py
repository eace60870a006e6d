"""Metrics made ready to count, indexed so that an event meets only those it can change."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from engine import windows
from engine.aggregates import sequences
from engine.aggregates.tallies import Measure
from engine.conditions import evaluation
from engine.definitions import changes, metrics
from engine.definitions.changes import Change
from engine.definitions.demands import Demand
from engine.definitions.links import Links
from engine.definitions.metrics import DEFINED_MAX, Metric
from engine.windows import Calendar, Window

ANY: Final = ""
"""Under this name stand the metrics of every event."""


class MetricEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A metric with every version."""

    revision: int
    versions: Mapping[int, Metric]
    counted_version: int
    """The revision since which it means what it means now: rows count anew from there."""
    since: int
    """Epoch ms when that revision was written."""
    deleted: bool = False
    offset: int = -1
    """Of the change that gave it its meaning: partitions count it from the `switch` there on."""
    is_backfilled: bool = False
    """Whether it counts what came before, too, once that is filled in."""
    is_warming: bool = False
    """Whether what came before is not filled in yet: until then it is not known."""

    @property
    def latest(self) -> Metric:
        """The newest version."""
        return self.versions[max(self.versions)]


class Counter:
    """One metric, compiled."""

    __slots__ = (
        "condition", "is_net", "is_warming", "keys", "links", "measure", "metric", "period",
        "since", "version",
    )  # fmt: skip

    def __init__(self, entry: MetricEntry) -> None:
        metric = entry.latest
        self.metric = metric
        self.version = entry.counted_version
        self.since = entry.since
        self.is_warming = entry.is_warming
        self.measure = _measure(metric)
        self.links = _links(metric)
        self.period = metric.period if isinstance(metric, Demand) else None
        self.is_net = metric.net if isinstance(metric, Demand) else True
        self.keys = None if metric.field is None else metric.field.split(".")
        self.condition = None if metric.filter is None else evaluation.compiled(metric.filter)

    @property
    def is_instant(self) -> bool:
        """Whether its value is an instant, epoch ms: without a field that is what is remembered."""
        return self.keys is None and self.measure.aggregate in {"first", "last"}

    def takes(self, at: int) -> bool:
        """Whether what occurred at an instant, epoch ms, may count at all."""
        if self.period is None:
            return True
        first_at, until_at = self.period.first_at, self.period.until_at
        return (first_at is None or first_at <= at) and (until_at is None or at < until_at)

    def __eq__(self, other: object) -> bool:
        """Two of the same metric count alike, though their functions are two."""
        if not isinstance(other, Counter):
            return NotImplemented
        return self._all() == other._all()

    def _all(self) -> tuple[object, ...]:
        return self.metric, self.version, self.since, self.is_warming

    def __hash__(self) -> int:
        return hash((self.metric.id, self.version))


class Counters(msgspec.Struct, frozen=True, kw_only=True):
    """Every metric there is, by id and by what it is of."""

    by_id: Mapping[str, Counter] = {}
    by_event: Mapping[str, tuple[Counter, ...]] = {}
    """By the event's name in lower case."""
    receipts: tuple[Counter, ...] = ()
    orders: tuple[Counter, ...] = ()


def after(
    entries: Mapping[str, MetricEntry], change: Change, *, offset: int = -1
) -> dict[str, MetricEntry] | None:
    """The metrics after a change; None where it makes no sense, or there are too many.

    Raises:
        InvalidDefinitionError: the body is no metric.
    """
    entry, revision = entries.get(change.id), change.based_on + 1
    if change.action == "put":
        metric = changes.decode_metric(bytes(change.body))
        if metric.id != change.id or not has_room(entries, change.id):
            return None
        return {**entries, change.id: _written(entry, metric, change, offset=offset)}
    if change.action == "delete" and entry is not None and not entry.deleted:
        gone = msgspec.structs.replace(entry, revision=revision, deleted=True)
        return {**entries, change.id: gone}
    return None


def has_room(entries: Mapping[str, MetricEntry], metric_id: str) -> bool:
    """Whether one more of this id is within the bound."""
    others = sum(1 for name, entry in entries.items() if not entry.deleted and name != metric_id)
    return others < DEFINED_MAX


def demanded(
    known: Mapping[str, MetricEntry],
    needed: Iterable[Demand],
    *,
    offset: int,
    at: int,
    is_warming: bool = False,
) -> dict[str, MetricEntry]:
    """What rules need counted after a change: what stays goes on, the rest begins here.

    Args:
        offset: Of the change in the log of definitions; it tells a row what it counted before a
            demand went and came again.
        at: Epoch ms of the change.
        is_warming: Whether somebody will fill in what came before.
    """
    return {
        demand.id: known.get(demand.id)
        or MetricEntry(
            revision=1,
            versions={1: demand},
            counted_version=offset + 1,
            since=at,
            offset=offset,
            is_backfilled=is_warming,
            is_warming=is_warming,
        )
        for demand in sorted(needed, key=lambda demand: demand.id)
    }


def indexed(
    entries: Mapping[str, MetricEntry], demands: Mapping[str, MetricEntry] = MappingProxyType({})
) -> Counters:
    """Compile what is not deleted, and what rules need beside it."""
    every = sorted({**demands, **entries}.items())
    by_id = {name: Counter(entry) for name, entry in every if not entry.deleted}
    by_event: defaultdict[str, list[Counter]] = defaultdict(list)
    for counter in by_id.values():
        if counter.metric.of == "event":
            for event in _events(counter):
                by_event[event].append(counter)
    return Counters(
        by_id=by_id,
        by_event={name: tuple(found) for name, found in by_event.items()},
        receipts=tuple(one for one in by_id.values() if one.metric.of == "receipt"),
        orders=tuple(one for one in by_id.values() if one.metric.of == "order"),
    )


def _events(counter: Counter) -> Iterable[str]:
    if counter.links is not None:
        return sorted(counter.links.events)
    event = counter.metric.event
    return (ANY if event is None else event.strip().casefold(),)


def _measure(metric: Metric) -> Measure:
    if isinstance(metric, Demand) and metric.sequence is not None:
        steps_count, within_ms = len(metric.sequence.steps), metric.sequence.within_ms
        begin = sequences.begin(steps_count=steps_count, within_ms=within_ms)
        return Measure("sequence", None, begin)
    if isinstance(metric, Demand) and metric.approximate:
        return Measure("sketch", None)
    return Measure(metric.aggregate, _window(metric))


def _links(metric: Metric) -> Links | None:
    if not isinstance(metric, Demand) or metric.sequence is None:
        return None
    return Links(metric.sequence)


def _window(metric: Metric) -> Window | Calendar | None:
    if isinstance(metric, Demand) and metric.period is not None and metric.period.last is not None:
        last = metric.period.last
        return Calendar(last.count, last.unit, metric.period.zone)
    return None if metric.window is None else windows.parsed(metric.window)


def warmed(entries: Mapping[str, MetricEntry], *, offset: int) -> dict[str, MetricEntry]:
    """The entries when the past of those that came in at an offset is filled in."""
    return {
        name: msgspec.structs.replace(entry, is_warming=False)
        if entry.offset == offset and entry.is_warming
        else entry
        for name, entry in entries.items()
    }


def _written(
    entry: MetricEntry | None, metric: Metric, change: Change, *, offset: int
) -> MetricEntry:
    """A new version; what was deleted, or means something else now, is counted anew."""
    revision = change.based_on + 1
    versions = {**({} if entry is None else entry.versions), revision: metric}
    if entry is not None and not entry.deleted and metrics.is_same_meaning(entry.latest, metric):
        return msgspec.structs.replace(entry, revision=revision, versions=versions)
    return MetricEntry(
        revision=revision,
        versions=versions,
        counted_version=revision,
        since=change.at,
        offset=offset,
        is_backfilled=change.backfill,
        is_warming=change.backfill,
    )
