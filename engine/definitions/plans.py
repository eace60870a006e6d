"""What is worked out of a campaign's version once, when it is published, and not at each event."""

from typing import Final, NamedTuple

from engine.definitions import priors, ruled
from engine.definitions.actions import StartStep
from engine.definitions.basestep import StepId
from engine.definitions.campaigns import Campaign
from engine.definitions.waits import WaitStep
from engine.rules import scopes, walking
from engine.rules.nodes import Attr, MetricIs


class Plan(NamedTuple):
    """Of one version."""

    priors: tuple[tuple[StepId, WaitStep], ...] = ()
    """Waits that accept what came before them."""
    entry: tuple[str, ...] = ()
    """What rules ask of the customer as they were at the entry (`engine.rules.scopes`)."""
    templates: tuple[str, ...] = ()


NOTHING: Final = Plan()


def of(campaign: Campaign) -> Plan:
    """Work it out."""
    remembered = "entry."
    nodes = (node for _, rule in ruled.of_runs(campaign) for _, node in walking.walk(rule))
    read = (
        value.removeprefix(remembered)
        for step in campaign.steps.values()
        if isinstance(step, StartStep)
        for value in step.payload.values()
        if isinstance(value, str) and value.startswith(remembered)
    )
    keys = (scopes.remembered(node) for node in nodes if isinstance(node, Attr | MetricIs))
    return Plan(
        priors=tuple(priors.of(campaign.steps)),
        entry=tuple(dict.fromkeys((*(key for key in keys if key is not None), *read))),
        templates=tuple(dict.fromkeys(step.template for _, step in campaign.sends())),
    )
