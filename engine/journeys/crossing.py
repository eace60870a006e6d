"""What it means for campaigns that something became true of a customer: T37, T38 and T39.

judged ──▶ crossings ──▶ triggers ──▶ entries, steps ──▶ did a step change who is in? judged again
"""

from typing import Final, NamedTuple

import msgspec

from engine import durations
from engine.customer import Customer
from engine.definitions.crossing import included
from engine.definitions.folded import LiveTrigger
from engine.definitions.triggers.crossings import MetricCrossed
from engine.effects import Effect
from engine.faults import FAULTS
from engine.journeys import failing, payloads
from engine.journeys.firing import Led
from engine.journeys.moments import Moment
from engine.segments import members
from engine.segments.crossings import Begun, Crossing, document
from engine.segments.members import Followed
from engine.triggers.machines import Crossed, Disarm, Fire
from engine.triggers.types import MACHINES

ROUNDS_MAX: Final = 4
"""Judged anew within one event, because steps changed who is in what: campaigns that push each
other round and round come to rest at the next event."""


class Settled(NamedTuple):
    """What one event led to."""

    customer: Customer
    effects: list[Effect]


def settle(kept: Followed, evaluated: tuple[Customer, list[Effect]], moment: Moment) -> Settled:
    """Let triggers meet the crossings, and judge again what their steps changed.

    Args:
        kept: Judged as the event left the customer.
        evaluated: The customer after what campaigns made of the event itself.
    """
    customer, decided = evaluated
    is_quiet = not (kept.effects or kept.crossings or kept.begun)
    if is_quiet and customer is kept.customer:
        return Settled(customer, decided)
    effects = [*kept.effects, *decided]
    for _ in range(ROUNDS_MAX):
        customer, more = _followed(customer, kept, moment)
        effects += more
        kept = members.follow(kept.customer, customer, moment.times)
        customer = kept.customer
        effects += kept.effects
        if not (kept.crossings or kept.begun):
            break
    return Settled(customer, effects)


def _followed(customer: Customer, kept: Followed, moment: Moment) -> Settled:
    effects: list[Effect] = []
    begun = {one.trigger: _as_crossing(one, customer, moment) for one in kept.begun}
    for crossing in kept.crossings:
        for live in moment.definitions.crossing.get(crossing.watch, ()):
            customer, more = _crossed(customer, live, crossing, moment)
            effects += more
    for one in kept.begun:
        for live in moment.definitions.crossing.get(one.watch, ()):
            if included(live.campaign.id, live.trigger.id) == one.trigger:
                customer, more = _crossed(customer, live, begun[one.trigger], moment)
                effects += more
    return Settled(customer, effects)


def _as_crossing(begun: Begun, customer: Customer, moment: Moment) -> Crossing:
    """A trigger meets a member as if they had entered by its definition."""
    member = customer.segments.inside[begun.watch]
    return Crossing(begun.watch, member.version, is_in=True, cause="definition", at=moment.now)


def _crossed(customer: Customer, live: LiveTrigger, crossing: Crossing, moment: Moment) -> Settled:
    """Carry out what the trigger's machine makes of it; late news only ever disarms."""
    try:
        return _led(customer, live, crossing, moment)
    except FAULTS as error:
        return Settled(*failing.missed(customer, live, moment, error))


def _led(customer: Customer, live: LiveTrigger, crossing: Crossing, moment: Moment) -> Settled:
    trigger, told = live.trigger, document(crossing)
    led = Led(customer, live, moment._replace(caused_at=crossing.at))
    lateness_ms = moment.now - moment.event.occurred_at
    is_late = crossing.cause == "event" and lateness_ms > durations.parse_ms(trigger.max_lateness)
    crossed = Crossed(trigger, customer, crossing, moment.now)
    for outcome in MACHINES[type(trigger)].crosses(crossed):
        if isinstance(outcome, Disarm):
            led.take(outcome, told)
        elif not is_late and payloads.passes(trigger.property_filter, told):
            led.take(outcome, told)
            if isinstance(outcome, Fire):
                led.customer = _remembered(led.customer, live, crossing, at=moment.now)
    return Settled(led.customer, led.effects)


def _remembered(customer: Customer, live: LiveTrigger, crossing: Crossing, *, at: int) -> Customer:
    """A trigger that may not fire at each crossing knows when it did."""
    trigger, known = live.trigger, customer.segments
    if not isinstance(trigger, MetricCrossed) or trigger.params.once_per == "crossing":
        return customer
    fired = {**known.fired, crossing.watch: at}
    return msgspec.structs.replace(customer, segments=msgspec.structs.replace(known, fired=fired))
