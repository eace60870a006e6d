"""A message that waited too long in delivery is admitted again, held, or dropped with the reason.

given back ──▶ refused? ──yes──▶ not_sent
                  │ no
                  ▼
               quiet hours, a pause? ──yes──▶ kept in the row until then, and asked again
                  │ no
                  ▼
               leaves under its own id, with what its template may use made anew
"""

from typing import Final, TypeAlias

import msgspec

from engine import admission, faults, ids
from engine.admission import Refused
from engine.customer import HELD_MAX, Customer
from engine.definitions.entries import RUNNING
from engine.definitions.folded import Definitions, LiveTrigger
from engine.effects import CancelTimer, Effect, RecordFact, ScheduleTimer, SendMessage
from engine.events import RecheckRequested, TimerFired
from engine.facts import Fact, FactKind
from engine.faults import FAULTS
from engine.journeys import asking, contexts, failing, halting, pacing, settling
from engine.journeys.asking import Recalled
from engine.journeys.pacing import Held
from engine.journeys.walks import Clock
from engine.messages import Message
from engine.reasons import Reason
from engine.triggers.machines import Began
from engine.triggers.types import MACHINES

TIMER: Final = "held:"
"""Before the id of the message in the id of its timer."""

_Decided: TypeAlias = tuple[Customer, list[Effect]]


def recheck(
    customer: Customer, event: RecheckRequested, definitions: Definitions, *, now: int
) -> _Decided:
    """Decide about what delivery gives back."""
    return _looked(customer, event.message, definitions, Clock(now=now, at=event.occurred_at))


def wake(customer: Customer, event: TimerFired, definitions: Definitions, *, now: int) -> _Decided:
    """Decide again about a message that the row holds."""
    clock = Clock(now=now, at=event.occurred_at)
    for message in customer.held:
        if TIMER + message.id == event.timer_id:
            return _looked(customer, message, definitions, clock)
    return customer, []


def _looked(
    customer: Customer, message: Message, definitions: Definitions, clock: Clock
) -> _Decided:
    try:
        return _judged(customer, message, definitions, clock)
    except FAULTS as error:
        found = faults.fault(error, place=f"steps.{message.step}")
    at = (message.campaign, message.version)
    told = failing.reports(found, definitions, at=at, event=clock.cause, now=clock.now)
    against = Held(clock.now + pacing.PAUSE_LOOK_MS, failing.REASON)
    customer, effects = _kept(customer, message, against, clock)
    return customer, [*effects, *told]


def _judged(
    customer: Customer, message: Message, definitions: Definitions, clock: Clock
) -> _Decided:
    gone = _without(customer, message)
    live = definitions.trigger_of(message.campaign, message.version, message.trigger)
    if live is None or definitions.status(message.campaign) not in RUNNING:
        return _dropped(gone, message, "campaign_stopped", clock)
    reason = _refusal(customer, message, live, definitions, now=clock.now)
    if reason is not None:
        return _dropped(gone, message, reason, clock)
    fresh = msgspec.structs.replace(
        message,
        decided_at=clock.now,
        context=contexts.of(customer, live.trigger, campaign=message.campaign, **_of_run(message)),
    )
    in_turn = _waits(message, definitions, now=clock.now)
    against = in_turn or _held(customer, fresh, live, definitions)
    match against:
        case Held():
            return _kept(customer, message, against, clock)
        case None:
            return gone, [SendMessage(message=fresh)]
        case _:
            return _dropped(gone, message, against, clock)


def _waits(message: Message, definitions: Definitions, *, now: int) -> Held | None:
    """What was held in a pause leaves in the time that was said when it ended, as runs do."""
    entry = definitions.campaigns.get(message.campaign)
    release = None if entry is None else entry.release
    if release is None or message.decided_at >= release.at:
        return None
    at = halting.placed_at(release, message.instance)
    return Held(at, "paused") if at > now else None


def _held(
    customer: Customer, message: Message, live: LiveTrigger, definitions: Definitions
) -> Held | Reason | None:
    match definitions.status(message.campaign):
        case "paused":
            return Held(message.decided_at + pacing.PAUSE_LOOK_MS, "paused")
        case "failed":
            return Held(message.decided_at + pacing.PAUSE_LOOK_MS, "campaign_failed")
        case _:
            pass
    return pacing.held(customer, message, definitions, live.campaign)


def _kept(customer: Customer, message: Message, against: Held, clock: Clock) -> _Decided:
    """Keep it in the row, without what is made anew; of too many the first to expire is dropped.

    That it waits is recorded once, however often it is looked at.
    """
    bare = msgspec.structs.replace(message, context=_of_run(message))
    others = _without(customer, message).held
    kept = sorted((*others, bare), key=lambda one: (one.expires_at, one.id))
    due_at = min(against.until, message.expires_at)
    effects: list[Effect] = [ScheduleTimer(timer_id=TIMER + message.id, due_at=due_at)]
    if not any(one.id == message.id for one in customer.held):
        effects.append(_record(customer, message, clock, kind="deferred", reason=against.reason))
    customer = msgspec.structs.replace(customer, held=tuple(kept[-HELD_MAX:]))
    for one in kept[:-HELD_MAX]:
        customer, more = _dropped(customer, one, against.reason, clock)
        effects += [CancelTimer(timer_id=TIMER + one.id), *more]
    return customer, effects


def _refusal(
    customer: Customer, message: Message, live: LiveTrigger, definitions: Definitions, *, now: int
) -> Reason | None:
    if now >= message.expires_at:
        return "expired"
    leaving = (rule.condition for rule in live.campaign.exit if rule.on is None)
    run = Recalled(**_of_run(message))
    if any(asking.holds_of_run(rule, customer, definitions, run=run, now=now) for rule in leaving):
        return "exit_rule"
    began = Began(message.began_at or message.caused_at, _of_run(message)["event"])
    stale = MACHINES[type(live.trigger)].refusal(live.trigger, customer, began)
    if stale is not None:
        return stale
    admitted = admission.admit(
        customer,
        channel=message.channel,
        category=message.category,
        message_class=message.message_class,
        policy=definitions.policy(live.campaign),
    )
    return admitted.reason if isinstance(admitted, Refused) else None


def _without(customer: Customer, message: Message) -> Customer:
    others = tuple(one for one in customer.held if one.id != message.id)
    return msgspec.structs.replace(customer, held=others)


def _of_run(message: Message) -> dict[str, dict[str, object]]:
    """What only the run knew; the rest is made anew."""
    kept = {name: message.context.get(name) for name in contexts.OF_RUN}
    return {name: value if isinstance(value, dict) else {} for name, value in kept.items()}


def _dropped(customer: Customer, message: Message, reason: Reason, clock: Clock) -> _Decided:
    customer, effects = settling.dropped(customer, message.id)
    return customer, [_record(customer, message, clock, kind="not_sent", reason=reason), *effects]


def _record(
    customer: Customer, message: Message, clock: Clock, *, kind: FactKind, reason: Reason
) -> Effect:
    return RecordFact(
        fact=Fact(
            id=ids.derived("recheck", kind, message.id, clock.at),
            customer=customer.id,
            kind=kind,
            at=clock.at,
            campaign=message.campaign,
            version=message.version,
            trigger=message.trigger,
            instance=message.instance,
            step=message.step,
            message_id=message.id,
            reason=reason,
            cause=clock.cause,
        )
    )
