"""A job over many customers puts one into a campaign: T49.

The job may say so again, after a crash for instance: who entered by it does not enter twice, and
who was refused is refused under the same ids. Every fact names the job as its cause, so that a
job's balance can be drawn up: enrolled = entered + refused, by reason.
"""

import msgspec

from engine import ids
from engine.commands import Enrolled
from engine.customer import Customer
from engine.definitions.folded import Definitions, LiveTrigger
from engine.definitions.triggers.batches import AudienceBatch
from engine.effects import Effect, RecordFact
from engine.facts import Fact
from engine.faults import FAULTS
from engine.journeys import entering, failing
from engine.journeys.entering import Firing
from engine.journeys.moments import Moment
from engine.reasons import Reason


def enrol(customer: Customer, event: Enrolled, moment: Moment) -> tuple[Customer, list[Effect]]:
    """Let the customer in as any trigger would, or record why not."""
    if entering.once(event.campaign, event.job) in customer.entered:
        return customer, []
    definitions, clock = moment.definitions, moment.clock
    live = _trigger(definitions, event.campaign)
    reason = _refusal(event, definitions, is_there=live is not None, now=clock.now)
    if live is None or reason is not None:
        return customer, [RecordFact(fact=_refused(customer, event, definitions, reason))]
    document = {"campaign": event.campaign, "job": event.job}
    firing = Firing(live, event.job, clock, document, once=event.job)
    try:
        walk = entering.enter(customer, firing, definitions)
        customer, effects = walk.customer, walk.effects
    except FAULTS as error:
        customer, effects = failing.missed(customer, live, moment, error)
    return customer, [_caused(effect, event.job) for effect in effects]


def _trigger(definitions: Definitions, campaign_id: str) -> LiveTrigger | None:
    """The first T49 of what runs."""
    entry = definitions.live(campaign_id)
    if entry is None or entry.published is None:
        return None
    for trigger in entry.published.triggers:
        if isinstance(trigger, AudienceBatch) and trigger.enabled:
            return LiveTrigger(entry.published, entry.published_version, trigger)
    return None


def _refusal(
    event: Enrolled, definitions: Definitions, *, is_there: bool, now: int
) -> Reason | None:
    if event.expires_at is not None and now >= event.expires_at:
        return "expired"
    if is_there:
        return None
    match definitions.status(event.campaign):
        case "paused":
            return "paused"
        case "failed":
            return "campaign_failed"
        case _:
            return "campaign_stopped"


def _refused(
    customer: Customer, event: Enrolled, definitions: Definitions, reason: Reason | None
) -> Fact:
    entry = definitions.campaigns.get(event.campaign)
    return Fact(
        id=ids.derived("not_sent", event.campaign, customer.id, event.job),
        customer=customer.id,
        kind="not_sent",
        at=event.occurred_at,
        campaign=event.campaign,
        version=0 if entry is None else entry.published_version,
        instance=ids.derived(event.campaign, customer.id, event.job),
        reason=reason,
        cause=event.job,
    )


def _caused(effect: Effect, job: str) -> Effect:
    if not isinstance(effect, RecordFact):
        return effect
    return RecordFact(fact=msgspec.structs.replace(effect.fact, cause=job))
