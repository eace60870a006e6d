"""A campaign that takes only so many participants: the run begins when its place is granted.

    fires ──▶ a place is claimed, under the run's own id ──▶ granted ──▶ entered
                                                        ├──▶ refused ──▶ not_sent: limit_reached
                                                        └──▶ time is up ▶ not_sent: limit_unanswered

Who entered has used the place up, however the run ends. A place that comes when there is no use
for it any more (the cart was bought meanwhile, the campaign was stopped) is given back.
"""

from engine.claims import ClaimAnswer, ClaimGranted
from engine.journeys import entering, grants, guarding
from engine.journeys.walks import Walk
from engine.reasons import Reason
from engine.triggers.machines import Began
from engine.triggers.types import MACHINES


def answered(walk: Walk, answer: ClaimAnswer) -> None:
    """Begin the run that waited, or drop it with the reason."""
    if not isinstance(answer, ClaimGranted):
        walk.leave("volume_guard" if guarding.is_of(answer.counter) else "limit_reached")
        return
    reason = _refusal(walk)
    if reason is not None:
        walk.leave(reason)
        walk.effects += grants.given_back(answer)
        return
    names = walk.instance.admits
    if guarding.is_of(answer.counter) and walk.live.campaign.limit is not None:
        entering.claim(walk, names, is_guarded=True)
        return
    walk.begin()
    entering.admit(walk, names)


def _refusal(walk: Walk) -> Reason | None:
    """Why the customer would not be let in any more."""
    if walk.definitions.status(walk.instance.campaign) == "stopped":
        return "campaign_stopped"
    trigger, instance = walk.live.trigger, walk.instance
    began = Began(instance.caused_at, instance.event)
    return MACHINES[type(trigger)].refusal(trigger, walk.customer, began)
