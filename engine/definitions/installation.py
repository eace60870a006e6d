"""What the installation has that rules may name, as the fold stands."""

from collections.abc import Mapping

import msgspec

from engine.definitions import chains, correlating, declaring, nesting, ruled
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.definitions.segments import Segment
from engine.errors import Flaw
from engine.rules import checks, cycles
from engine.rules.declared import Declared
from engine.rules.nodes import Rule


def declared(definitions: Definitions) -> Declared:
    """Attributes, metrics, custom fields and segments."""
    metrics = {
        name: entry.latest for name, entry in definitions.metrics.items() if not entry.deleted
    }
    return declaring.declared(definitions.settings, metrics, definitions.segment_rules.by_id)


def flaws(campaign: Campaign, definitions: Definitions) -> list[Flaw]:
    """What of a campaign's rules and keys means nothing here; for who saves, not for the fold."""
    return [
        *ruled.flaws(campaign, declared(definitions)),
        *correlating.flaws(campaign),
        *chains.flaws(campaign, _others(campaign, definitions)),
    ]


def _others(campaign: Campaign, definitions: Definitions) -> dict[str, Campaign]:
    return {
        name: entry.draft
        for name, entry in definitions.campaigns.items()
        if name != campaign.id and not entry.deleted
    }


def segment_flaws(
    segment: Segment, definitions: Definitions, *, rules: Mapping[str, Rule] | None = None
) -> list[Flaw]:
    """What of a segment's rule means nothing here, or leads in a circle, or too far.

    Args:
        rules: Of the segments beside it; None: as the fold has them.
    """
    known = declared(definitions)
    beside = {**(known.segments if rules is None else rules), segment.id: segment.rule}
    found = checks.flaws(segment.rule, msgspec.structs.replace(known, segments=beside), path="rule")
    return found or nesting.flaws(segment, beside)


def segment_users(segment_id: str, definitions: Definitions) -> list[str]:
    """Who names a segment, each as `segments.ID` or `campaigns.ID`: what would lose its meaning.

    Of campaigns the draft, and what runs.
    """
    rules = definitions.segment_rules.by_id
    found = [f"segments.{name}" for name, rule in rules.items() if segment_id in cycles.named(rule)]
    for name, entry in definitions.campaigns.items():
        running = entry.published if entry.status in {"live", "paused"} else None
        used = (one for one in (entry.draft, running) if one is not None and not entry.deleted)
        if any(segment_id in ruled.segments(campaign) for campaign in used):
            found.append(f"campaigns.{name}")
    return sorted(found)
