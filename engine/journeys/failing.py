"""A campaign that cannot be worked out: its run stays, nobody comes in by it, and it is told of.

    a rule, a step, a trigger raises ──▶ the customer is as before it, its effects are dropped
                                    ├──▶ a fact with the reason and the place
                                    └──▶ the campaign's row of `shared`, which switches it off

Other campaigns, and the event itself, go on. A run stays where it was and looks again, so that a
fixed version can take it over (migrate); one that stayed on a failed version behind a newer one
leaves.
"""

from engine import faults, ids, why
from engine.customer import Customer
from engine.definitions.folded import Definitions, LiveTrigger
from engine.effects import Effect, RecordFact, ReportCampaign
from engine.errors import FaultError
from engine.facts import Fact
from engine.faults import CampaignFailed
from engine.instances import Instance
from engine.journeys.moments import Moment
from engine.journeys.pacing import PAUSE_LOOK_MS
from engine.journeys.walks import Walk
from engine.reasons import Reason
from engine.why import Saw

REASON: Reason = "campaign_failed"


def stays(
    walk: Walk, error: Exception, *, at: tuple[Customer, Instance], is_rung: bool = False
) -> Walk:
    """Put the run back to where it stood, `at`; if its timer had come, it looks again later."""
    found, again = _blamed(walk, error), _again(walk, at)
    if _is_behind(again):
        again.leave(REASON)
        return again
    if again.instance.vies != REASON:
        again.record("deferred", REASON, step=again.instance.step, saw=_saw(found))
        again.note(vies=REASON)
    if is_rung:
        again.wait(again.clock.now + PAUSE_LOOK_MS)
    else:
        again.keep()
    again.effects += _reported(again, found)
    return again


def leaves(walk: Walk, error: Exception, *, at: tuple[Customer, Instance]) -> Walk:
    """End the run: what it waited for has come, and does not come again."""
    found, again = _blamed(walk, error), _again(walk, at)
    again.leave(REASON)
    if not _is_behind(again):
        again.effects += _reported(again, found)
    return again


def missed(
    customer: Customer, live: LiveTrigger, moment: Moment, error: Exception
) -> tuple[Customer, list[Effect]]:
    """Nobody comes in by it; recorded where somebody could have."""
    campaign, version, trigger = live
    found = faults.fault(error, place=f"triggers.{trigger.id}")
    effects = reports(
        found,
        moment.definitions,
        at=(campaign.id, version),
        event=moment.event.id,
        now=moment.now,
    )
    if moment.definitions.status(campaign.id) != "live":
        return customer, effects
    event = moment.event
    fact = Fact(
        id=ids.derived("failed", campaign.id, version, customer.id, trigger.id, event.id),
        customer=customer.id,
        kind="not_sent",
        at=moment.clock.at,
        campaign=campaign.id,
        version=version,
        trigger=trigger.id,
        reason=REASON,
        cause=event.id,
        why=why.of(now=moment.now, saw=_saw(found), arms={}),
    )
    return customer, [RecordFact(fact=fact), *effects]


def reports(
    found: FaultError, definitions: Definitions, *, at: tuple[str, int], event: str, now: int
) -> list[Effect]:
    """Say that a version failed, unless it is not the one that runs, or is said to have already."""
    campaign_id, version = at
    entry = definitions.campaigns.get(campaign_id)
    if entry is None or entry.published_version != version:
        return []
    if entry.status not in {"live", "paused"}:
        return []
    report = CampaignFailed(
        id=ids.derived("failed", campaign_id, entry.revision, event),
        occurred_at=now,
        campaign=campaign_id,
        version=version,
        revision=entry.revision,
        place=found.place,
        code=found.code,
        event=event,
    )
    return [ReportCampaign(report=report)]


def _blamed(walk: Walk, error: Exception) -> FaultError:
    return faults.fault(error, place=f"steps.{walk.instance.step}")


def _again(walk: Walk, at: tuple[Customer, Instance]) -> Walk:
    """The run as it was, on the version it was on."""
    customer, instance = at
    live = walk.definitions.trigger_of(instance.campaign, instance.version, instance.trigger)
    return Walk(
        customer, instance, live=live or walk.live, definitions=walk.definitions, clock=walk.clock
    )


def _is_behind(walk: Walk) -> bool:
    """Whether a newer version was published, and the run stayed on its own."""
    entry = walk.definitions.campaigns.get(walk.instance.campaign)
    return entry is None or entry.published_version != walk.instance.version


def _reported(walk: Walk, found: FaultError) -> list[Effect]:
    at = (walk.instance.campaign, walk.instance.version)
    return reports(found, walk.definitions, at=at, event=walk.clock.cause, now=walk.clock.now)


def _saw(found: FaultError) -> Saw:
    return {"place": found.place, "code": found.code}
