"""An event that met a trigger and does nothing for it: too late, filtered out, or out of season."""

from engine import ids, why
from engine.conditions import tracing
from engine.definitions.folded import LiveTrigger
from engine.effects import RecordFact
from engine.facts import Fact
from engine.journeys.moments import Moment
from engine.journeys.payloads import Told
from engine.reasons import Reason
from engine.why import Asked, Saw, Why


def late(live: LiveTrigger, moment: Moment) -> RecordFact:
    """The event is older than the trigger cares for."""
    lateness_ms = moment.now - moment.event.occurred_at
    saw: Saw = {"late_ms": lateness_ms, "max_lateness": live.trigger.max_lateness}
    return _recorded(live, moment, "late", why.of(now=moment.now, saw=saw, arms={}))


def filtered(live: LiveTrigger, moment: Moment, told: Told) -> RecordFact:
    """The trigger's filter did not let the event through."""
    where = live.trigger.property_filter
    operands = None if where is None else tracing.read(where, told.document)
    place = f"triggers.{live.trigger.id}.property_filter"
    asked = Asked(place, verdict=False, operands=operands)
    return _recorded(live, moment, "filtered", why.of(now=moment.now, rules=(asked,), arms={}))


def out_of_season(live: LiveTrigger, moment: Moment) -> RecordFact:
    """The trigger fired when it is not valid."""
    trigger = live.trigger
    saw: Saw = {"valid_from": trigger.valid_from, "valid_until": trigger.valid_until}
    return _recorded(live, moment, "not_valid", why.of(now=moment.now, saw=saw, arms={}))


def _recorded(live: LiveTrigger, moment: Moment, reason: Reason, rests: Why | None) -> RecordFact:
    campaign, version, trigger = live
    customer, event = moment.before, moment.event
    return RecordFact(
        fact=Fact(
            id=ids.derived("missed", campaign.id, version, customer.id, trigger.id, event.id),
            customer=customer.id,
            kind="not_sent",
            at=event.occurred_at,
            campaign=campaign.id,
            version=version,
            trigger=trigger.id,
            reason=reason,
            cause=event.id,
            why=rests,
        )
    )
