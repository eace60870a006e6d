"""Which definition comes before which: whatever is named is there before who names it."""

from collections.abc import Mapping, Sequence

from engine.definitions import changes
from engine.definitions.actions import StartStep
from engine.definitions.campaigns import Campaign
from engine.definitions.triggers.campaigns import CampaignWorked
from engine.rules import cycles
from oncue.applying.documents import KINDS, Key, Wanted


def ordered(wanted: Sequence[Wanted]) -> list[Wanted]:
    """By kind; segments innermost first, campaigns behind those that they start; then by id."""
    levels = {**_segment_levels(wanted), **_campaign_levels(_campaigns(wanted))}
    return sorted(
        wanted,
        key=lambda one: (KINDS.index(one.key.kind), levels.get(one.key, 0), one.key.id),
    )


def named_too_early(ordered: Sequence[Wanted]) -> set[Key]:
    """The campaigns that another one, before them in this order, follows (T48).

    Whoever starts another comes behind it, and the other has to name who starts it: where both
    are new no order is right, unless one is there under its name before.
    """
    campaigns = _campaigns(ordered)
    place = {name: at for at, name in enumerate(campaigns)}
    return {
        Key("campaigns", followed)
        for name, campaign in campaigns.items()
        for followed in _followed(campaign)
        if place.get(followed, -1) > place[name]
    }


def _segment_levels(wanted: Sequence[Wanted]) -> dict[Key, int]:
    rules = {
        one.key.id: changes.decode_segment(one.body).rule
        for one in wanted
        if one.key.kind == "segments"
    }
    return {Key("segments", name): len(cycles.reached(rule, rules)) for name, rule in rules.items()}


def _campaigns(wanted: Sequence[Wanted]) -> dict[str, Campaign]:
    return {
        one.key.id: changes.decode_campaign(one.body)
        for one in wanted
        if one.key.kind == "campaigns"
    }


def _campaign_levels(campaigns: Mapping[str, Campaign]) -> dict[Key, int]:
    starts = {name: _started(campaign) for name, campaign in campaigns.items()}
    return {Key("campaigns", name): len(_reached(name, starts)) for name in campaigns}


def _reached(name: str, starts: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [name]
    while ahead:
        for target in starts.get(ahead.pop(), set()) - found:
            found.add(target)
            ahead.append(target)
    return found


def _started(campaign: Campaign) -> set[str]:
    return {step.campaign for step in campaign.steps.values() if isinstance(step, StartStep)}


def _followed(campaign: Campaign) -> set[str]:
    return {
        name
        for trigger in campaign.triggers
        if isinstance(trigger, CampaignWorked)
        for name in trigger.params.campaigns
    }
