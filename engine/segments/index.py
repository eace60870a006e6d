"""Watches made ready, and found by what an event may have changed."""

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Final, NamedTuple

from engine.definitions.watches import CELL, Watch, Watched
from engine.judging import compiling, fields
from engine.judging.compiling import Compiled
from engine.judging.leaves import Leaf, Moment
from engine.segments import screens
from engine.segments.screens import Both, Screen

INDEXES_MAX: Final = 8
"""Of definitions that partitions decide under at once."""

_ALWAYS: Final = "id"
"""A field that never changes: an attrgetter of two names gives a tuple."""


class Ready(NamedTuple):
    """One watch, compiled."""

    watch: Watch
    enters: Compiled
    stays: Compiled
    """The same object, unless it is a threshold with a hysteresis."""
    is_timeless: bool
    """Time alone never turns it."""

    @property
    def leaves(self) -> Iterator[Leaf]:
        """Every question it asks."""
        yield from self.enters.leaves
        if self.stays is not self.enters:
            yield from self.stays.leaves

    def judge(self, moment: Moment, *, is_inside: bool) -> bool:
        """Whether it holds of the customer, who was inside or not."""
        return (self.stays if is_inside else self.enters).holds(moment)

    def next_at(self, moment: Moment, *, is_inside: bool) -> int | None:
        """When time alone turns it round for who is inside now, or is not."""
        if self.stays is self.enters:
            return self.enters.next_flip_at(moment, was=is_inside)
        return (self.stays if is_inside else self.enters).next_flip_at(moment)


class Reading(NamedTuple):
    """What reads one field of a customer, or one tally."""

    watches: frozenset[str]
    """To be judged when it is another object."""
    screens: tuple[Screen, ...]
    """These tell which else."""

    def met(self, both: Both) -> set[str]:
        """The watches that may come to another answer."""
        found = set(self.watches)
        for screen in self.screens:
            found.update(screen.differing(both))
        return found


class Index:
    """Of one set of watches."""

    __slots__ = ("_by_field", "_by_tally", "_getter", "by_id")

    def __init__(self, watched: Watched) -> None:
        self.by_id = {name: _ready(watch) for name, watch in watched.by_id.items()}
        found = _readings(self.by_id.values(), is_cell_watched=watched.cell_at is not None)
        self._by_tally = {
            field.removeprefix(fields.TALLY): reading
            for field, reading in found.items()
            if field.startswith(fields.TALLY)
        }
        self._by_field = [
            (field, reading)
            for field, reading in sorted(found.items())
            if not field.startswith(fields.TALLY)
        ]
        self._getter = attrgetter(_ALWAYS, _ALWAYS, *(field for field, _ in self._by_field))

    def met(self, both: Both) -> set[str]:
        """The watches that come to another answer, or may: no others can differ.

        Only what is another object now can be otherwise.
        """
        found: set[str] = set()
        before, after = both.before.customer, both.after.customer
        was, now = self._getter(before), self._getter(after)
        for place, (_, reading) in enumerate(self._by_field, start=2):
            if was[place] is not now[place]:
                found |= reading.met(both)
        if self._by_tally and before.tallies is not after.tallies:
            for name, tally in after.tallies.items():
                if name in self._by_tally and tally is not before.tallies.get(name):
                    found |= self._by_tally[name].met(both)
        return found

    def ordered(self, names: Iterable[str]) -> list[Ready]:
        """Those that others lead to first."""
        wanted = set(names)
        return [ready for name, ready in self.by_id.items() if name in wanted]


@functools.lru_cache(maxsize=INDEXES_MAX)
def of(watched: Watched) -> Index:
    """The index of a set of watches; the same for every customer."""
    return Index(watched)


def _ready(watch: Watch) -> Ready:
    meaning = watch.meaning
    segments = dict(meaning.reached)
    enters = compiling.compiled(meaning.enters, segments=segments, zone=meaning.zone)
    if meaning.stays == meaning.enters:
        return Ready(watch, enters, enters, enters.is_timeless)
    stays = compiling.compiled(meaning.stays, segments=segments, zone=meaning.zone)
    return Ready(watch, enters, stays, enters.is_timeless and stays.is_timeless)


def _readings(every: Iterable[Ready], *, is_cell_watched: bool) -> dict[str, Reading]:
    """By field."""
    watches: defaultdict[str, set[str]] = defaultdict(set)
    screened: defaultdict[str, defaultdict[object, list[tuple[str, Leaf]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for ready in every:
        for leaf in ready.leaves:
            for field in leaf.fields:
                if screens.is_screened(leaf):
                    screened[field][leaf.shared].append((ready.watch.id, leaf))
                else:
                    watches[field].add(ready.watch.id)
    if is_cell_watched:
        watches["receipts"].add(CELL)
    return {
        field: Reading(frozenset(watches[field]), tuple(map(screens.of, screened[field].values())))
        for field in watches.keys() | screened.keys()
    }
