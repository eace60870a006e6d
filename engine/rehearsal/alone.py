"""A draft as if it ran: for its own tests alone, or beside everything that is live."""

from typing import Final

import msgspec

from engine.definitions import folded
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import Change
from engine.definitions.entries import CampaignEntry
from engine.definitions.folded import Definitions

VERSION: Final = 2**31
"""Above every version that there is, so that no id of a rehearsal is one of a run."""


def alone(definitions: Definitions, campaign: Campaign) -> Definitions:
    """The draft, the templates, policies, metrics and settings there are, and no other campaign.

    So a test goes by the campaign it belongs to, whatever else is published.
    """
    none = msgspec.structs.replace(definitions, campaigns={}, demands={})
    return beside(none, campaign)


def beside(definitions: Definitions, campaign: Campaign) -> Definitions:
    """The draft in place of what runs of it, beside all others."""
    known = definitions.campaigns.get(campaign.id)
    entry = CampaignEntry(
        revision=VERSION,
        draft=campaign,
        draft_version=VERSION,
        status="live",
        published=campaign,
        published_version=VERSION,
        versions={**({} if known is None else known.versions), VERSION: campaign},
    )
    return supposed(definitions, entry, at=0)


def supposed(definitions: Definitions, entry: CampaignEntry, *, at: int) -> Definitions:
    """What would be decided under if a campaign stood like that.

    Args:
        at: Epoch ms from when on what it needs is counted.
    """
    campaign_id = entry.draft.id
    changed = msgspec.structs.replace(
        definitions, campaigns={**definitions.campaigns, campaign_id: entry}
    )
    change = Change(
        change_id="", kind="campaigns", id=campaign_id, action="publish", based_on=0, at=at
    )
    return folded.derived(changed, change)
