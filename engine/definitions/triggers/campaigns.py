"""The trigger on what other campaigns did with the customer."""

from collections.abc import Iterator
from typing import Literal, TypeAlias

from engine.definitions.triggers import base
from engine.definitions.triggers.base import BaseTrigger, Params
from engine.errors import Flaw
from engine.happenings import CampaignMoved

Outcome: TypeAlias = Literal["sent", "skipped", "goal", "exit", "started"]


class MovedParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which outcomes of which campaigns; empty steps and reasons are any."""

    campaigns: tuple[str, ...]
    outcomes: tuple[Outcome, ...] = ("exit",)
    """`sent` and `skipped` of a step, `goal` and `exit` of the run; `started`: a step of those
    campaigns starts this one."""
    steps: tuple[str, ...] = ()
    """Of what is sent, skipped or started."""
    reasons: tuple[str, ...] = ()
    """Of what is skipped, and of exits: `no_consent`, `completed`."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        if not self.campaigns:
            yield Flaw(path="campaigns", message="the ids of the campaigns it follows")
        if not self.outcomes:
            yield Flaw(path="outcomes", message="sent, skipped, goal, exit or started")
        for name in ("campaigns", "steps", "reasons"):
            yield from base.list_flaws(name, getattr(self, name))


class CampaignWorked(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T48"):
    """A step or a run of another campaign came to an end, or started this one."""

    WATCHES = (CampaignMoved,)

    params: MovedParams
