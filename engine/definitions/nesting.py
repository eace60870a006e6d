"""Segments beside each other: which needs which, how many there may be, what changes make."""

from collections.abc import Mapping
from typing import Final

import msgspec

from engine.definitions import changes
from engine.definitions.changes import Change
from engine.definitions.segments import Mode, Segment
from engine.errors import Flaw
from engine.rules import cycles
from engine.rules.nodes import Rule

DEFINED_MAX: Final = 1_000
"""Segments at once, of both modes."""

LIVE_MAX: Final = 100
"""Of them live: every customer's row may carry each, up to 150 bytes with the longest id."""

LEVELS_MAX: Final = 8
"""Segments in segments: nobody understands more, and evaluation goes by calls."""

REACHED_MAX: Final = 32
"""Segments that one leads to, over others too."""


class SegmentEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A segment with every version."""

    revision: int
    versions: Mapping[int, Segment]
    deleted: bool = False

    @property
    def latest(self) -> Segment:
        """The newest version."""
        return self.versions[max(self.versions)]


class SegmentRules:
    """Rules by id: one object as long as they stay, so that what is compiled is found by it."""

    __slots__ = ("_hash", "by_id")

    def __init__(self, by_id: Mapping[str, Rule]) -> None:
        self.by_id = by_id
        self._hash = hash(frozenset(by_id.items()))

    def __eq__(self, other: object) -> bool:
        """Two of the same rules mean the same."""
        if not isinstance(other, SegmentRules):
            return NotImplemented
        return self.by_id == other.by_id

    def __hash__(self) -> int:
        return self._hash


NO_SEGMENTS: Final = SegmentRules({})


def rules(entries: Mapping[str, SegmentEntry]) -> dict[str, Rule]:
    """The rule of each that is not deleted."""
    return {name: entry.latest.rule for name, entry in entries.items() if not entry.deleted}


def live_rules(entries: Mapping[str, SegmentEntry]) -> dict[str, Rule]:
    """The rule of each whose members rows remember."""
    return {
        name: rule for name, rule in rules(entries).items() if entries[name].latest.mode == "live"
    }


def flaws(segment: Segment, others: Mapping[str, Rule]) -> list[Flaw]:
    """Segments that lead too far once this one is saved: itself, and those that need it.

    Args:
        others: Every segment's rule, this one's as it was or not there; without a circle.
    """
    known = {**others, segment.id: segment.rule}
    for name in sorted({segment.id, *users(segment.id, known)}):
        reached = len(cycles.reached(known[name], known))
        if reached > REACHED_MAX or cycles.levels(name, known) > LEVELS_MAX:
            message = (
                f"{name!r} would need {reached} others, at most {REACHED_MAX}, or stand more than "
                f"{LEVELS_MAX} deep: write parts of it into its own rule"
            )
            return [Flaw(path="rule", message=message, node=segment.rule.id)]
    return []


def users(segment_id: str, known: Mapping[str, Rule]) -> list[str]:
    """The segments that need this one, over others too."""
    return sorted(
        name
        for name, rule in known.items()
        if name != segment_id and segment_id in cycles.reached(rule, known)
    )


def has_room(entries: Mapping[str, SegmentEntry], segment_id: str, mode: Mode) -> bool:
    """Whether one more of this id and mode is within the bounds."""
    others = [
        entry.latest.mode
        for name, entry in entries.items()
        if not entry.deleted and name != segment_id
    ]
    return len(others) < DEFINED_MAX and (mode != "live" or others.count("live") < LIVE_MAX)


def after(entries: Mapping[str, SegmentEntry], change: Change) -> dict[str, SegmentEntry] | None:
    """The segments after a change; None where it makes no sense beside the others.

    Raises:
        InvalidDefinitionError: the body is no segment.
    """
    entry, revision = entries.get(change.id), change.based_on + 1
    if change.action == "put":
        segment = changes.decode_segment(bytes(change.body))
        if segment.id != change.id or not _fits(entries, segment):
            return None
        versions = {} if entry is None else entry.versions
        written = SegmentEntry(revision=revision, versions={**versions, revision: segment})
        return {**entries, change.id: written}
    if change.action != "delete" or entry is None or entry.deleted:
        return None
    if users(change.id, rules(entries)):
        return None
    gone = msgspec.structs.replace(entry, revision=revision, deleted=True)
    return {**entries, change.id: gone}


def _fits(entries: Mapping[str, SegmentEntry], segment: Segment) -> bool:
    known = {**rules(entries), segment.id: segment.rule}
    named = cycles.named(segment.rule)
    return (
        has_room(entries, segment.id, segment.mode)
        and all(name in known for name in named)
        and cycles.flaw(segment.id, known) is None
        and not flaws(segment, known)
    )
