"""A trigger that lets in more than its author thought of pauses its campaign.

    fires ──▶ a place of the guard is claimed ──▶ granted ──▶ as without a guard
                                             └──▶ refused ──▶ not_sent: volume_guard
                                                         └──▶ the guard's row pauses the campaign

A person looks, and resumes: the guard then counts anew, as it does for each version.
"""

from typing import Final

from engine import durations, ids
from engine.claims import Guard
from engine.definitions.triggers.base import VolumeGuard
from engine.effects import ClaimShared
from engine.journeys.walks import Walk

PLACE_WAIT_MS: Final = 10 * 60 * 1000
"""For a place; the answer comes in milliseconds, unless the worker of the counter is down."""

_COUNTER: Final = "guard"
"""Begins the names of its counters: one for each trigger, version and confirmation."""


def claim(walk: Walk, guard: VolumeGuard) -> ClaimShared:
    """Ask for one of the entries that it lets in."""
    campaign, trigger = walk.instance.campaign, walk.instance.trigger
    entry = walk.definitions.campaigns.get(campaign)
    release = None if entry is None else entry.release
    confirmed_at = 0 if release is None else release.at
    which = ids.derived(trigger, walk.instance.version, confirmed_at)
    return ClaimShared(
        claim_id=walk.instance.id,
        counter=f"{_COUNTER}:{campaign}:{which}",
        limit=guard.entries,
        window_ms=durations.parse_ms(guard.per),
        timeout_ms=PLACE_WAIT_MS,
        guard=Guard(
            campaign=campaign,
            revision=0 if entry is None else entry.revision,
            trigger=trigger,
            per=guard.per,
        ),
    )


def is_of(counter: str) -> bool:
    """Whether it is a guard's."""
    return counter.startswith(f"{_COUNTER}:")
