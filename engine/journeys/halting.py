"""Clocks that stood still in a pause, and what waited in one leaves bit by bit.

arrived ────────[ pause ]──────▶ due ──[ as long as the pause ]──▶ due by frozen clocks
"""

from engine import chance
from engine.definitions.publishing import Release
from engine.journeys.walks import Walk


def owed_ms(walk: Walk, due_at: int | None) -> int:
    """How much longer the run waits at its step, for the time in which it stood still until then.

    Of a pause that is on, what has passed by when it was due: it is asked again then.
    """
    entry = walk.definitions.campaigns.get(walk.instance.campaign)
    if entry is None or due_at is None:
        return 0
    stood_ms = 0
    for pause in entry.pauses:
        end_at = due_at if pause.end_at is None else min(pause.end_at, due_at)
        stood_ms += max(0, end_at - max(pause.first_at, walk.instance.arrived_at))
    return max(0, stood_ms - walk.instance.halted_ms)


def extend(walk: Walk) -> None:
    """Let a wait whose time is over wait as much longer."""
    ends_at = walk.instance.ends_at
    if ends_at is None or walk.clock.at < ends_at:
        return
    if more_ms := owed_ms(walk, ends_at):
        halted_ms = walk.instance.halted_ms + more_ms
        walk.note(ends_at=ends_at + more_ms, halted_ms=halted_ms)


def release_at(walk: Walk) -> int:
    """When what waited in a pause may leave: its place in the time it leaves over; else now."""
    entry, now = walk.definitions.campaigns.get(walk.instance.campaign), walk.clock.now
    release = None if entry is None else entry.release
    if release is None or walk.instance.arrived_at >= release.at:
        return now
    return max(now, placed_at(release, walk.instance.id))


def placed_at(release: Release, instance: str) -> int:
    """A run's place, and that of its messages, in the time in which all who waited leave."""
    share = chance.share("release", instance)
    return release.at + release.over_ms * share // chance.SHARES
