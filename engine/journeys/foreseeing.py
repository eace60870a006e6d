"""Would the customer enter now, and be sent what follows? Asked on what is known, changing nothing.

What only the counter of a limited campaign can say, whether a place is free, is not asked.
"""

from typing import NamedTuple

from engine import why
from engine.conditions import tracing
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.folded import Definitions, LiveTrigger
from engine.definitions.steps import SendStep
from engine.journeys import entering, sending
from engine.journeys.entering import Firing
from engine.journeys.walks import Clock, Walk
from engine.reasons import Reason
from engine.why import Asked, Why


class Foreseen(NamedTuple):
    """What would be decided."""

    reason: Reason | None
    """What is against it; None: nothing."""
    rests: Why | None


class Asking(NamedTuple):
    """Who is asked about, and as of when."""

    customer: Customer
    definitions: Definitions
    now: int


def entry(asking: Asking, live: LiveTrigger, event: Document) -> Foreseen:
    """Suppose the trigger fired now, by such an event."""
    where = live.trigger.property_filter
    if where is not None:
        operands = tracing.read(where, event)
        if not tracing.holds(where, operands):
            place = f"triggers.{live.trigger.id}.property_filter"
            asked = Asked(place, verdict=False, operands=operands)
            return Foreseen("filtered", why.of(now=asking.now, rules=(asked,), arms={}))
    firing = Firing(live, "", Clock(asking.now, asking.now), event)
    walk = _walk(asking, firing)
    reason = entering.refusal(walk, firing)
    return Foreseen(reason, walk.rests(reason))


def message(asking: Asking, live: LiveTrigger, *, step_id: str, step: SendStep) -> Foreseen:
    """Suppose the customer were at this step just now."""
    walk = _walk(asking, Firing(live, "", Clock(asking.now, asking.now), {}))
    walk.move(step_id)
    reason, _ = sending.checked(walk, step)
    return Foreseen(reason, walk.rests(reason, step=step_id))


def _walk(asking: Asking, firing: Firing) -> Walk:
    return Walk(
        asking.customer,
        entering.instance(asking.customer, firing),
        live=firing.live,
        definitions=asking.definitions,
        clock=firing.clock,
    )
