"""Watches made ready, and found by what an event may have changed."""

import functools
from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter
from typing import Final, NamedTuple

from engine.customer import Customer
from engine.definitions.watches import CELL, Watch, Watched
from engine.judging import compiling, fields
from engine.judging.compiling import Compiled
from engine.judging.leaves import Moment

INDEXES_MAX: Final = 8
"""Of definitions that partitions decide under at once."""

_ALWAYS: Final = "id"
"""A field that never changes: an attrgetter of two names gives a tuple."""


class Ready(NamedTuple):
    """One watch, compiled."""

    watch: Watch
    enters: Compiled
    stays: Compiled

    def judge(self, moment: Moment, *, is_inside: bool) -> bool:
        """Whether it holds of the customer, who was inside or not."""
        return (self.stays if is_inside else self.enters).holds(moment)

    def next_at(self, moment: Moment, *, is_inside: bool) -> int | None:
        """When time alone may turn that round."""
        return (self.stays if is_inside else self.enters).next_flip_at(moment)


class Index:
    """Of one set of watches."""

    __slots__ = ("_by_field", "_by_tally", "_getter", "by_id")

    def __init__(self, watched: Watched) -> None:
        self.by_id = {name: _ready(watch) for name, watch in watched.by_id.items()}
        by_field: defaultdict[str, list[str]] = defaultdict(list)
        for name, watch in watched.by_id.items():
            meaning = watch.meaning
            asked = [meaning.enters, *(rule for _, rule in meaning.reached)]
            for field in fields.read(asked, zone=meaning.zone):
                by_field[field].append(name)
        if watched.cell_at is not None:
            by_field["receipts"].append(CELL)
        self._by_tally = {
            field.removeprefix(fields.TALLY): tuple(names)
            for field, names in by_field.items()
            if field.startswith(fields.TALLY)
        }
        self._by_field = [
            (field, tuple(names))
            for field, names in sorted(by_field.items())
            if not field.startswith(fields.TALLY)
        ]
        self._getter = attrgetter(_ALWAYS, _ALWAYS, *(field for field, _ in self._by_field))

    def met(self, before: Customer, after: Customer) -> set[str]:
        """The watches that read something which is another object now: no others can differ."""
        found: set[str] = set()
        if before is after:
            return found
        was, now = self._getter(before), self._getter(after)
        for place, (_, names) in enumerate(self._by_field, start=2):
            if was[place] is not now[place]:
                found.update(names)
        if self._by_tally and before.tallies is not after.tallies:
            for name, tally in after.tallies.items():
                if name in self._by_tally and tally is not before.tallies.get(name):
                    found.update(self._by_tally[name])
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
        return Ready(watch, enters, enters)
    stays = compiling.compiled(meaning.stays, segments=segments, zone=meaning.zone)
    return Ready(watch, enters, stays)
