"""Which campaign leads to which: by a T48 trigger, or by a step that starts another."""

from collections.abc import Iterator, Mapping

from engine.definitions.actions import StartStep
from engine.definitions.campaigns import Campaign
from engine.definitions.triggers.campaigns import CampaignWorked
from engine.errors import Flaw


def flaws(campaign: Campaign, others: Mapping[str, Campaign]) -> Iterator[Flaw]:
    """What is wrong with how a campaign follows and starts others; for who publishes.

    Args:
        others: The rest, by id, as they are written now.
    """
    every = {**others, campaign.id: campaign}
    for place, trigger in _follows(campaign):
        for missing in sorted({*trigger.params.campaigns} - every.keys()):
            path = f"{place}.params.campaigns"
            yield Flaw(path=path, message=f"there is no campaign {missing!r}")
    for name, step in _starts(campaign):
        target = every.get(step.campaign)
        if target is None:
            message = f"there is no campaign {step.campaign!r}"
            yield Flaw(path=f"steps.{name}.campaign", message=message)
        elif not _may_start(campaign.id, target):
            message = (
                f"{step.campaign!r} has no trigger of type T48 with outcomes: "
                f'["started"] and campaigns: ["{campaign.id}"]'
            )
            yield Flaw(path=f"steps.{name}.campaign", message=message)
    circle = _circle(campaign.id, every)
    if circle:
        message = f"campaigns go round in a circle: {' -> '.join(circle)}"
        yield Flaw(path="triggers", message=message)


def _follows(campaign: Campaign) -> Iterator[tuple[str, CampaignWorked]]:
    for place, trigger in enumerate(campaign.triggers):
        if isinstance(trigger, CampaignWorked):
            yield f"triggers[{place}]", trigger


def _starts(campaign: Campaign) -> Iterator[tuple[str, StartStep]]:
    for name, step in campaign.steps.items():
        if isinstance(step, StartStep):
            yield name, step


def _may_start(starter: str, target: Campaign) -> bool:
    return any(
        starter in trigger.params.campaigns and "started" in trigger.params.outcomes
        for _, trigger in _follows(target)
    )


def _circle(first: str, every: Mapping[str, Campaign]) -> list[str]:
    """The way from a campaign back to itself; empty: there is none."""
    ways = [[first]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for ahead in _led_to(way[-1], every):
            if ahead == first:
                return [*way, first]
            if ahead not in seen:
                seen.add(ahead)
                ways.append([*way, ahead])
    return []


def _led_to(name: str, every: Mapping[str, Campaign]) -> list[str]:
    return [
        other.id
        for other in every.values()
        if any(name in trigger.params.campaigns for _, trigger in _follows(other))
    ]
