"""What other campaigns did: T48."""

from collections.abc import Iterator
from typing import Final

from engine.definitions.triggers.campaigns import CampaignWorked
from engine.happenings import CampaignMoved
from engine.triggers.machines import Fire, Machine, Outcome, Seen


def _worked(seen: Seen[CampaignWorked]) -> Iterator[Outcome]:
    """T48: which campaign is told to start is looked at by whoever passes it on."""
    event, params = seen.event, seen.trigger.params
    if (
        isinstance(event, CampaignMoved)
        and event.campaign in params.campaigns
        and event.outcome in params.outcomes
        and _is_one(event.step, params.steps)
        and _is_one(event.reason, params.reasons)
    ):
        yield Fire()


def _is_one(said: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or said in wanted


WORKED: Final = Machine(_worked)
