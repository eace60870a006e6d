"""Campaigns that follow campaigns (T48), and one that starts another, all within one step.

    decisions of a step ──▶ what campaigns did ──▶ T48 of others ──▶ entries, more decisions ──▶ ...

Circles are refused when a campaign is published; should two publishings have made one, the chain
ends here.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

from engine.customer import Customer
from engine.effects import Effect, RecordFact, StartCampaign
from engine.facts import Fact
from engine.happenings import CampaignMoved
from engine.journeys import firing
from engine.journeys.moments import Moment
from engine.journeys.payloads import Told

if TYPE_CHECKING:
    from engine.events import Event

LINKS_MAX: Final = 10
"""Campaigns that one event may lead through, one after the other."""

_OUTCOMES: Final = {"sent": "sent", "not_sent": "skipped", "exited": "exit", "goal_reached": "goal"}


def follow(
    customer: Customer, effects: list[Effect], moment: Moment
) -> tuple[Customer, list[Effect]]:
    """Let other campaigns follow what was decided, link by link."""
    latest = effects
    for _ in range(LINKS_MAX):
        ahead = [happening for effect in latest for happening in moved(effect)]
        latest = []
        for happening in ahead:
            customer, more = _worked(customer, moment, happening)
            latest += more
        effects = [*effects, *latest]
    return customer, effects


def _worked(
    customer: Customer, moment: Moment, happening: CampaignMoved
) -> tuple[Customer, list[Effect]]:
    # It is no record of the log; machines look at it as at any other event.
    seen = moment._replace(before=customer, event=cast("Event", happening))
    told, effects = Told(seen.event), list[Effect]()
    for live in moment.definitions.watching[CampaignMoved].every:
        if happening.target in {"", live.campaign.id}:
            customer, more = firing.follow(customer, live, seen, told)
            effects += more
    return customer, effects


def moved(effect: Effect) -> Iterator[CampaignMoved]:
    """What a decision tells other campaigns."""
    match effect:
        case RecordFact(fact=fact) if fact.kind in _OUTCOMES:
            if fact.step is not None or fact.kind not in {"sent", "not_sent"}:
                yield _of(fact)
        case StartCampaign(by=fact, campaign=target, payload=payload):
            yield CampaignMoved(
                id=fact.id,
                occurred_at=fact.at,
                campaign=fact.campaign,
                version=fact.version,
                instance=fact.instance,
                step=fact.step or "",
                outcome="started",
                payload=payload,
                target=target,
            )
        case _:
            return


def _of(fact: Fact) -> CampaignMoved:
    return CampaignMoved(
        id=fact.id,
        occurred_at=fact.at,
        campaign=fact.campaign,
        version=fact.version,
        instance=fact.instance,
        step=fact.step or "",
        outcome=_OUTCOMES[fact.kind],
        reason=fact.reason or "",
    )
