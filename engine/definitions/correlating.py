"""Whether the events that a campaign matches by key can be matched: its runs must have one."""

from collections.abc import Iterator

from engine.definitions.basestep import EventMet
from engine.definitions.campaigns import Campaign
from engine.definitions.waits import WaitStep
from engine.errors import Flaw


def flaws(campaign: Campaign) -> Iterator[Flaw]:
    """Where a key is asked for that no run has; for who saves, not for the fold."""
    keyless = [one.id for one in campaign.triggers if one.correlation_key is None]
    if not keyless:
        return
    for path, met in events(campaign):
        if met.match_key:
            message = f"trigger {keyless[0]!r} has no correlation_key: its runs would match nothing"
            yield Flaw(path=f"{path}.match_key", message=message)


def events(campaign: Campaign) -> Iterator[tuple[str, EventMet]]:
    """Every event that is waited for, with its place."""
    for name, step in campaign.steps.items():
        if isinstance(step, WaitStep):
            for place, branch in enumerate(step.branches):
                if branch.on is not None:
                    yield f"steps.{name}.branches[{place}].on", branch.on
    for place, rule in enumerate(campaign.exit):
        if rule.on is not None:
            yield f"exit[{place}].on", rule.on
    for place, goal in enumerate(campaign.goals):
        if goal.on is not None:
            yield f"goals[{place}].on", goal.on
