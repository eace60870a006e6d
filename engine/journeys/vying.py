"""Two messages for the last place under a cap: the campaign of higher priority has it (c.2 rule 7).

    low comes    ──▶ the last place, and a live campaign outranks it: wait for the window
    high comes   ──▶ nobody outranks it: goes at once, the place is taken
    window over  ──▶ low looks again: capped, or the place was not wanted

A message waits only where a cap would be full with it and only while a campaign of higher priority
is live, so installations without priorities, and the highest of them, wait for nothing. Messages
that wait for the same place are looked at in the order of their priority, whenever it becomes free.
"""

from engine import capping, durations
from engine.capping import Slot
from engine.caps import Cap
from engine.definitions.policies import Policy
from engine.definitions.steps import SendStep
from engine.instances import Instance
from engine.journeys import waiting
from engine.journeys.pacing import Held
from engine.journeys.walks import Walk


def against(walk: Walk, slot: Slot, policy: Policy, *, expires_at: int) -> Held | None:
    """Until when the message lets others go first; None: it is its turn."""
    covering = capping.covering(policy.caps, slot)
    if policy.priority_window is None or not covering:
        return None
    now, end = walk.clock.now, walk.clock.now + durations.parse_ms(policy.priority_window)
    due_at = min(
        (
            rival.due_at
            for rival in walk.customer.runs
            if rival.due_at is not None and rival.due_at <= end and _outranks(rival, walk, covering)
        ),
        default=None,
    )
    if due_at is not None:
        walk.vie("priority")
        return Held(max(due_at, now) + 1, "priority")
    if walk.instance.vies or end >= expires_at or not _may_be_outranked(walk):
        return None
    zones = waiting.zones(walk.customer, walk.definitions)
    if not capping.is_last(walk.customer.counts, covering, slot, now=now, zones=zones):
        return None
    walk.vie("priority")
    return Held(end, "priority")


def _outranks(rival: Instance, walk: Walk, caps: tuple[Cap, ...]) -> bool:
    """Whether it waits for a place under one of these caps, and comes first."""
    if not rival.vies or rival.is_shadow or rival.id == walk.instance.id:
        return False
    live = walk.definitions.trigger_of(rival.campaign, rival.version, rival.trigger)
    if live is None or live.campaign.priority <= walk.live.campaign.priority:
        return False
    step = live.campaign.steps.get(rival.step)
    if not isinstance(step, SendStep):
        return False
    category = step.category or live.campaign.category
    wanted = Slot(message_id="", channel=step.channel, category=category)
    return bool(capping.covering(caps, wanted))


def _may_be_outranked(walk: Walk) -> bool:
    priority = walk.live.campaign.priority
    return any(
        entry.status == "live"
        and entry.published is not None
        and entry.published.message_class == "marketing"
        and entry.published.priority > priority
        for entry in walk.definitions.campaigns.values()
    )
