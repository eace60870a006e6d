"""A trigger fired: does its campaign let the customer in?"""

from typing import Final, NamedTuple

import msgspec

from engine import durations, ids, notes
from engine.conditions.evaluation import Document
from engine.customer import ENTERED_MAX, Customer
from engine.definitions.campaigns import Limit
from engine.definitions.folded import Definitions, LiveTrigger
from engine.effects import ClaimShared
from engine.instances import INSTANCES_MAX, Instance
from engine.journeys import (
    awaiting,
    guarding,
    payloads,
    pursuing,
    remembering,
    running,
    splitting,
)
from engine.journeys.walks import Clock, Walk
from engine.notes import Note
from engine.reasons import Reason
from engine.triggers import machines

THROTTLE: Final = "\n\n\n"
"""Name of the note of when a trigger let somebody in last; no machine's begins so."""

_ONCE: Final = "\n"
"""Between a campaign's id and the value it lets in once."""


def campaign_of(entry: str) -> str:
    """Which campaign an entry of `Customer.entered` is of."""
    return entry.partition(_ONCE)[0]


class Firing(NamedTuple):
    """A trigger that fired: which, by what, and the event as conditions see it."""

    live: LiveTrigger
    cause: str
    """Id of the event, or the instant the timer was due: what makes it this firing."""
    clock: Clock
    event: Document
    once: str = ""
    """What lets in once, whatever the re-entry policy says: the job of an enrolment."""


def enter(customer: Customer, firing: Firing, definitions: Definitions) -> Walk:
    """Let the customer in and go; a firing is recorded whatever is decided then."""
    walk = Walk(
        customer,
        instance(customer, firing),
        live=firing.live,
        definitions=definitions,
        clock=firing.clock,
    )
    walk.record("fired")
    reason = refusal(walk, firing)
    if reason is not None:
        walk.record("not_sent", reason)
        return walk
    if firing.live.trigger.throttle is not None:
        walk.customer = _throttled(walk)
    claim(walk, _names(walk, firing))
    return walk


def admit(walk: Walk, names: tuple[str, ...]) -> None:
    """Begin the run; `names` are what the entry is remembered by."""
    walk.customer = _entered(walk, names)
    walk.record("entered")
    if splitting.is_held_out(walk):
        walk.shadow()
    pursuing.begin(walk)
    remembering.begin(walk)
    awaiting.begin(walk)
    awaiting.pass_by(walk)
    running.run(walk)


def claim(walk: Walk, names: tuple[str, ...], *, is_guarded: bool = False) -> None:
    """Begin, or first ask for a place, and begin when it is granted: `engine.journeys.limiting`.

    `is_guarded`: the trigger's volume guard has let it in.
    """
    limit, guard = walk.live.campaign.limit, walk.live.trigger.volume_guard
    if guard is not None and not is_guarded:
        walk.hold(admits=names)
        walk.effects.append(guarding.claim(walk, guard))
    elif limit is None:
        admit(walk, names)
    else:
        walk.hold(admits=names)
        walk.effects.append(_limited(walk, limit))


def _limited(walk: Walk, limit: Limit) -> ClaimShared:
    return ClaimShared(
        claim_id=walk.instance.id,
        counter=f"campaign:{walk.instance.campaign}:limit",
        limit=limit.total,
        window_ms=0 if limit.per is None else durations.parse_ms(limit.per),
        timeout_ms=guarding.PLACE_WAIT_MS,
    )


def instance(customer: Customer, firing: Firing) -> Instance:
    """The run that would begin."""
    campaign, version, trigger = firing.live
    key = payloads.key(firing.event, trigger.correlation_key)
    return Instance(
        id=ids.derived(campaign.id, version, customer.id, trigger.id, key, firing.cause),
        campaign=campaign.id,
        version=version,
        trigger=trigger.id,
        key=key,
        step=campaign.start,
        entered_at=firing.clock.now,
        arrived_at=firing.clock.now,
        caused_at=firing.clock.at,
        event=payloads.kept(firing.event),
    )


def refusal(walk: Walk, firing: Firing) -> Reason | None:
    """Why the customer may not come in, before any place is claimed; None: they may."""
    trigger, about = walk.live.trigger, walk.instance
    place = f"triggers.{trigger.id}"
    if trigger.audience is not None and not walk.decides(
        trigger.audience, place=f"{place}.audience"
    ):
        return "not_in_audience"
    if trigger.exclude is not None and walk.decides(trigger.exclude, place=f"{place}.exclude"):
        return "excluded"
    inside = [one for one in walk.customer.runs if one.campaign == about.campaign]
    if any(one.key == about.key for one in inside) or len(inside) >= trigger.max_concurrent:
        return "already_in_campaign"
    if _is_throttled(walk):
        return "throttled"
    if not _may_again(walk, firing, is_inside=bool(inside)):
        return "already_in_campaign"
    return "too_many_runs" if len(walk.customer.runs) >= INSTANCES_MAX else None


def _is_throttled(walk: Walk) -> bool:
    throttle = walk.live.trigger.throttle
    note = walk.customer.notes.get(_throttle(walk))
    if throttle is None or note is None:
        return False
    return walk.clock.now - note.times[-1] < durations.parse_ms(throttle)


def _throttled(walk: Walk) -> Customer:
    now = walk.clock.now
    kept = notes.kept(walk.customer.notes, _throttle(walk), Note(now, (now,)))
    return msgspec.structs.replace(walk.customer, notes=kept)


def _throttle(walk: Walk) -> str:
    return machines.named(walk.live.timer_id, THROTTLE)


def _may_again(walk: Walk, firing: Firing, *, is_inside: bool) -> bool:
    re_entry, entered = walk.live.trigger.re_entry, walk.customer.entered
    before = entered.get(walk.instance.campaign)
    match re_entry.policy:
        case "always":
            return True
        case "never":
            return before is None
        case "after":
            length_ms = durations.parse_ms(re_entry.after or "")
            return before is None or walk.clock.now - before >= length_ms
        case "after_exit":
            return not is_inside
        case "once_per":
            return _once(walk, firing) not in entered


def _names(walk: Walk, firing: Firing) -> tuple[str, ...]:
    """What the entry is remembered by."""
    names: tuple[str, ...] = (walk.instance.campaign,)
    if walk.live.trigger.re_entry.policy == "once_per":
        names = (*names, _once(walk, firing))
    return names if not firing.once else (*names, once(walk.instance.campaign, firing.once))


def _entered(walk: Walk, names: tuple[str, ...]) -> Customer:
    """Remember the entry, the newest last."""
    others = {name: at for name, at in walk.customer.entered.items() if name not in names}
    kept = dict(list(others.items())[-(ENTERED_MAX - len(names)) :])
    entered = {**kept, **dict.fromkeys(names, walk.clock.now)}
    return msgspec.structs.replace(walk.customer, entered=entered)


def _once(walk: Walk, firing: Firing) -> str:
    value = payloads.key(firing.event, walk.live.trigger.re_entry.key)
    return once(walk.instance.campaign, value)


def once(campaign_id: str, value: str) -> str:
    """What the entry is remembered by that a campaign lets in once for a value."""
    return f"{campaign_id}{_ONCE}{value}"
