"""What rows remember the truth of: live segments, and thresholds that triggers wait for.

A watch is known by its meaning: as long as that stays, a change of definitions leaves what rows
know alone. Where it differs, or its population moved, every row is behind until it was judged
again, at its next event or by a command (`Reassessed`).
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from engine.definitions import demands, nesting
from engine.definitions.counters import MetricEntry
from engine.definitions.nesting import SegmentEntry
from engine.definitions.settings import Settings
from engine.definitions.triggers.crossings import MetricCrossed
from engine.rules import cycles, walking
from engine.rules.nodes import MetricIs, Rule

CROSSINGS_MAX: Final = 100
"""Thresholds that live campaigns wait for at once: every customer's row may carry each."""

CELL: Final = "\nrfm"
"""The watch of the RFM cell; no segment's id has a line break."""


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """All that the verdict depends on, besides the customer, the time and the population."""

    enters: Rule
    stays: Rule
    """Asked of who is inside: another one where a threshold has a hysteresis."""
    reached: tuple[tuple[str, Rule], ...] = ()
    """The segments they lead to."""
    zone: str
    interest_ms: int | None
    metrics: tuple[tuple[str, int], ...] = ()
    """Metrics of the shop's own, with what they count since."""
    warming: tuple[str, ...] = ()
    """What it asks for and is not known yet."""


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    id: str
    version: int
    """Of the segment, or the campaign."""
    is_segment: bool
    meaning: Meaning
    defined_at: int
    """Offset of the change that gave it this meaning."""
    population_at: int = -1
    """Offset of the last change of the cuts, where it asks for them."""

    @property
    def changed_at(self) -> int:
        """The later of both."""
        return max(self.defined_at, self.population_at)


class Watched:
    """Every watch, those first that others lead to: one object as long as they stay."""

    __slots__ = ("_hash", "activated", "by_id", "cell_at", "changed_at", "cuts_at")

    def __init__(
        self,
        by_id: Mapping[str, Watch],
        *,
        changed_at: int = -1,
        activated: Mapping[str, tuple[str, int]] | None = None,
        cell_at: int | None = None,
        cuts_at: int = -1,
    ) -> None:
        self.by_id = by_id
        self.changed_at = changed_at
        """Offset of the last change that leaves rows behind."""
        self.activated = activated or {}
        """Segment and offset, by the timer of the trigger that wants its members, too."""
        self.cell_at = cell_at
        """Since when, by offset, RFM cells are watched; None: they are not."""
        self.cuts_at = cuts_at
        """Offset of the cuts they are told by."""
        self._hash = hash((changed_at, tuple(by_id), cell_at, cuts_at))

    def _all(self) -> tuple[object, ...]:
        return (
            dict(self.by_id),
            self.changed_at,
            dict(self.activated),
            self.cell_at,
            self.cuts_at,
        )

    def __eq__(self, other: object) -> bool:
        """Two of the same watches leave the same rows behind."""
        if self is other:
            return True
        return self._all() == other._all() if isinstance(other, Watched) else NotImplemented

    def __hash__(self) -> int:
        return self._hash

    @property
    def crossings(self) -> list[str]:
        """The watches that are no segments."""
        return [name for name, watch in self.by_id.items() if not watch.is_segment]

    @property
    def is_empty(self) -> bool:
        """Whether rows need remember nothing."""
        return not self.by_id and self.cell_at is None


NOTHING: Final = Watched({})


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the definitions watch after a change."""

    segments: Mapping[str, SegmentEntry]
    metrics: Mapping[str, MetricEntry]
    settings: Settings
    crossings: tuple[tuple[str, int, MetricCrossed], ...]
    """With the id of the watch and the version of the campaign."""
    included: tuple[tuple[str, str], ...]
    """Timer and segment of triggers that want whoever is a member when they begin."""
    is_cell_watched: bool
    demands: Mapping[str, MetricEntry] = {}


def after(before: Watched, wanted: Wanted, *, offset: int, is_population: bool) -> Watched:
    """What is watched after the change at `offset`; the same object where nothing changed."""
    by_id = {
        one.id: _kept(before.by_id.get(one.id), one, offset, is_population=is_population)
        for one in (*_segments(wanted, offset), *_crossings(wanted, offset))
    }
    activated = {
        timer: before.activated.get(timer, (segment, offset)) for timer, segment in wanted.included
    }
    began_at = offset if before.cell_at is None else before.cell_at
    cell_at = began_at if wanted.is_cell_watched else None
    cuts_at = offset if is_population else before.cuts_at
    is_gone = not before.by_id.keys() <= by_id.keys()
    changes = [
        before.changed_at,
        offset if is_gone else -1,
        *(one.changed_at for one in by_id.values()),
        *(at for _, at in activated.values()),
        -1 if cell_at is None else max(cell_at, cuts_at),
    ]
    return Watched(
        by_id, changed_at=max(changes), activated=activated, cell_at=cell_at, cuts_at=cuts_at
    )


def rule_names(rule: Rule) -> set[str]:
    """The metrics that a rule asks for."""
    return {node.name for _, node in walking.walk(rule) if isinstance(node, MetricIs)}


def _kept(known: Watch | None, found: Watch, offset: int, *, is_population: bool) -> Watch:
    asks_cuts = any(
        name.startswith("rfm")
        for _, rule in (("", found.meaning.enters), *found.meaning.reached)
        for name in rule_names(rule)
    )
    moved = offset if is_population and asks_cuts else -1
    if known is None or known.meaning != found.meaning:
        return found
    return msgspec.structs.replace(
        found,
        defined_at=known.defined_at,
        population_at=max(known.population_at, moved),
    )


def _segments(wanted: Wanted, offset: int) -> Iterable[Watch]:
    rules = nesting.rules(wanted.segments)
    live = nesting.live_rules(wanted.segments)
    ordered = sorted(live, key=lambda name: (cycles.levels(name, rules), name))
    for name in ordered:
        reached = cycles.reached(live[name], rules)
        yield Watch(
            id=name,
            version=max(wanted.segments[name].versions),
            is_segment=True,
            meaning=_meaning(wanted, live[name], live[name], reached),
            defined_at=offset,
        )


def _crossings(wanted: Wanted, offset: int) -> Iterable[Watch]:
    for name, version, trigger in wanted.crossings:
        enters, stays = trigger.params.rules()
        yield Watch(
            id=name,
            version=version,
            is_segment=False,
            meaning=_meaning(wanted, enters, stays, {}),
            defined_at=offset,
        )


def _meaning(wanted: Wanted, enters: Rule, stays: Rule, reached: Mapping[str, Rule]) -> Meaning:
    asked = (enters, *reached.values())
    names = {name for rule in asked for name in rule_names(rule)}
    counted = [
        (name, entry.counted_version)
        for name in sorted(names)
        if (entry := wanted.metrics.get(name)) is not None and not entry.deleted
    ]
    return Meaning(
        enters=enters,
        stays=stays,
        reached=tuple(sorted(reached.items())),
        zone=wanted.settings.timezone,
        interest_ms=wanted.settings.interest_ms,
        metrics=tuple(counted),
        warming=_warming(wanted, asked, names),
    )


def _warming(wanted: Wanted, asked: Iterable[Rule], names: set[str]) -> tuple[str, ...]:
    every = {**wanted.demands, **wanted.metrics}
    warming = {name for name, entry in every.items() if entry.is_warming and not entry.deleted}
    if not warming:
        return ()
    zone = wanted.settings.timezone
    needed = {one.id for rule in asked for one in demands.of(rule, zone=zone).values()}
    return tuple(sorted(warming & (names | needed)))
