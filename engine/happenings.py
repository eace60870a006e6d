"""What a campaign did with a customer, as the triggers of other campaigns see it.

Made inside a step out of its own decisions, and gone with it: it stands in no log.
"""

import msgspec

from engine.baseevent import BaseEvent


class CampaignMoved(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="campaign_moved"):
    """A step was taken, a goal reached, a run ended, or a campaign told to start."""

    campaign: str
    version: int = 0
    instance: str = ""
    step: str = ""
    outcome: str
    """`engine.definitions.triggers.campaigns.Outcome`."""
    reason: str = ""
    payload: dict[str, object] = msgspec.field(default_factory=dict)
    target: str = ""
    """Which campaign is started; empty: none is."""
