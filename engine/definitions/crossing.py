"""What the triggers of running campaigns wait for to become true: by which watch, and for whom."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol, TypeVar

from engine import ids
from engine.definitions import demands, entries, nesting, ruled, watches
from engine.definitions.campaigns import Campaign
from engine.definitions.counters import MetricEntry
from engine.definitions.demands import Demand
from engine.definitions.nesting import SegmentEntry
from engine.definitions.settings import Settings
from engine.definitions.triggers.crossings import CellChanged, MetricCrossed, SegmentCrossed
from engine.definitions.triggers.types import Trigger
from engine.definitions.watches import CELL, Wanted, Watched
from engine.rules import cycles
from engine.rules.nodes import Rule

WATCH_CHARS: Final = 16
"""Of a hash of campaign and trigger: rows keep it."""


class _Entry(Protocol):
    """A campaign in the fold."""

    @property
    def status(self) -> str: ...

    @property
    def published(self) -> Campaign | None: ...

    @property
    def published_version(self) -> int: ...

    @property
    def versions(self) -> Mapping[int, Campaign]: ...


class _Live(Protocol):
    """A trigger that can let customers in now."""

    @property
    def campaign(self) -> Campaign: ...

    @property
    def trigger(self) -> Trigger: ...


L = TypeVar("L", bound=_Live)


class Fold(Protocol):
    """What of the definitions decides what is watched (`engine.definitions.folded`)."""

    @property
    def offset(self) -> int:
        """Of the last change."""

    @property
    def campaigns(self) -> Mapping[str, _Entry]:
        """Every campaign, by id."""

    @property
    def segments(self) -> Mapping[str, SegmentEntry]:
        """Every segment, by id."""

    @property
    def metrics(self) -> Mapping[str, MetricEntry]:
        """The shop's own, by id."""

    @property
    def demands(self) -> Mapping[str, MetricEntry]:
        """What rules need counted, by id."""

    @property
    def settings(self) -> Settings:
        """Those that go."""

    @property
    def watched(self) -> Watched:
        """What was watched before the change."""


def watch_of(campaign_id: str, trigger: Trigger) -> str | None:
    """The watch a trigger waits for; None: it goes by events."""
    match trigger:
        case SegmentCrossed(params=params):
            return params.segment
        case CellChanged():
            return CELL
        case MetricCrossed():
            return f"\n{ids.derived(campaign_id, trigger.id)[:WATCH_CHARS]}"
        case _:
            return None


def included(campaign_id: str, trigger_id: str) -> str:
    """Under which name it is known since when a trigger wants the members there are."""
    return f"{campaign_id}\n{trigger_id}"


def asked(fold: Fold) -> Iterator[Rule]:
    """What rows are asked: live segments, rules of campaigns, and what these lead to."""
    known = nesting.rules(fold.segments)
    found = [
        rule
        for entry in fold.campaigns.values()
        if entry.status in entries.RUNNING
        for campaign in entry.versions.values()
        for rule in ruled.counted(campaign)
    ]
    found += nesting.live_rules(fold.segments).values()
    led_to: dict[str, Rule] = {}
    for rule in found:
        led_to |= cycles.reached(rule, known)
    yield from found
    yield from led_to.values()


def demanded(fold: Fold) -> set[Demand]:
    """What rows count for the rules that are asked of them."""
    zone = fold.settings.timezone
    return {one for rule in asked(fold) for one in demands.of(rule, zone=zone).values()}


def watched(fold: Fold, *, is_population: bool) -> Watched:
    """What is to be watched after a change; of the population, where the cuts moved."""
    every = list(_enabled(fold))
    wanted = Wanted(
        segments=fold.segments,
        metrics=fold.metrics,
        demands=fold.demands,
        settings=fold.settings,
        crossings=tuple(
            (watch, version, trigger)
            for campaign, version, trigger in every
            if isinstance(trigger, MetricCrossed)
            and (watch := watch_of(campaign.id, trigger)) is not None
        ),
        included=tuple(
            (included(campaign.id, trigger.id), trigger.params.segment)
            for campaign, _, trigger in every
            if isinstance(trigger, SegmentCrossed) and trigger.params.on_activate == "include"
        ),
        is_cell_watched=any(isinstance(trigger, CellChanged) for _, _, trigger in every),
    )
    return watches.after(fold.watched, wanted, offset=fold.offset, is_population=is_population)


def waiting(triggers: Iterable[L]) -> dict[str, tuple[L, ...]]:
    """Triggers that can let customers in now, by the watch they wait for."""
    found: defaultdict[str, list[L]] = defaultdict(list)
    for live in triggers:
        watch = watch_of(live.campaign.id, live.trigger)
        if watch is not None:
            found[watch].append(live)
    return {name: tuple(several) for name, several in found.items()}


def _enabled(fold: Fold) -> Iterator[tuple[Campaign, int, Trigger]]:
    """Of campaigns that are live or paused: a pause begins nothing anew."""
    for _, entry in sorted(fold.campaigns.items()):
        if entry.status not in entries.RUNNING or entry.published is None:
            continue
        for trigger in entry.published.triggers:
            if trigger.enabled:
                yield entry.published, entry.published_version, trigger
