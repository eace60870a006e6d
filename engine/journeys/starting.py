"""The step that starts another campaign; `engine.journeys.chaining` carries it out."""

from engine import ids
from engine.definitions.actions import StartStep
from engine.effects import RecordFact, StartCampaign
from engine.facts import Fact
from engine.journeys import remembering
from engine.journeys.walks import Walk


def start(walk: Walk, step: StartStep) -> None:
    """Tell the other campaign, with what it is to know."""
    instance = walk.instance
    fact = Fact(
        id=ids.derived("campaign_started", instance.id, instance.step, walk.rounds),
        customer=walk.customer.id,
        kind="campaign_started",
        at=walk.clock.at,
        campaign=instance.campaign,
        version=instance.version,
        trigger=instance.trigger,
        instance=instance.id,
        step=instance.step,
        name=step.campaign,
    )
    payload = {name: remembering.value(walk, said) for name, said in step.payload.items()}
    walk.effects += [
        RecordFact(fact=fact),
        StartCampaign(by=fact, campaign=step.campaign, payload=payload),
    ]
