"""What is worked out of a campaign's version once, when it is published, and not at each event."""

from typing import Final, NamedTuple

from engine.definitions import priors
from engine.definitions.basestep import StepId
from engine.definitions.campaigns import Campaign
from engine.definitions.waits import WaitStep


class Plan(NamedTuple):
    """Of one version."""

    priors: tuple[tuple[StepId, WaitStep], ...] = ()
    """Waits that accept what came before them."""


NOTHING: Final = Plan()


def of(campaign: Campaign) -> Plan:
    """Work it out."""
    return Plan(priors=tuple(priors.of(campaign.steps)))
