"""What the installation has that rules may name, as the fold stands."""

from collections.abc import Iterator, Mapping

import msgspec

from engine.definitions import chains, correlating, declaring, entries, nesting, ruled
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.definitions.gifts import PromoStep
from engine.definitions.segments import Segment
from engine.definitions.triggers.crossings import MetricCrossed, SegmentCrossed
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
        *_crossing_flaws(campaign, definitions),
        *_pool_flaws(campaign, definitions),
    ]


def _others(campaign: Campaign, definitions: Definitions) -> dict[str, Campaign]:
    return {
        name: entry.draft
        for name, entry in definitions.campaigns.items()
        if name != campaign.id and not entry.deleted
    }


def _crossing_flaws(campaign: Campaign, definitions: Definitions) -> Iterator[Flaw]:
    """Of what triggers wait for: a segment that rows remember, a metric that is a number."""
    for place, trigger in enumerate(campaign.triggers):
        path = f"triggers[{place}].params"
        match trigger:
            case SegmentCrossed(params=params):
                message = _segment_flaw(params.segment, definitions)
                if message is not None:
                    yield Flaw(path=f"{path}.segment", message=message)
            case MetricCrossed(params=params):
                rule, _ = params.rules()
                for flaw in checks.flaws(rule, declared(definitions)):
                    field = "metric" if flaw.path == "name" else flaw.path
                    yield Flaw(path=f"{path}.{field}", message=flaw.message)
            case _:
                pass


def _pool_flaws(campaign: Campaign, definitions: Definitions) -> Iterator[Flaw]:
    for name, step in campaign.steps.items():
        if isinstance(step, PromoStep) and step.pool not in _pools(definitions):
            message = f"there is no pool {step.pool!r}: create it with PUT /api/pools/ID"
            yield Flaw(path=f"steps.{name}.pool", message=message)


def _pools(definitions: Definitions) -> set[str]:
    return {name for name, entry in definitions.pools.items() if not entry.deleted}


def pool_users(pool_id: str, definitions: Definitions) -> list[str]:
    """The campaigns with a step that issues its codes: the draft, and what runs."""
    found = []
    for name, entry in definitions.campaigns.items():
        running = entry.published if entry.status in {"live", "paused"} else None
        used = (one for one in (entry.draft, running) if one is not None and not entry.deleted)
        steps = (step for one in used for step in one.steps.values())
        if any(isinstance(step, PromoStep) and step.pool == pool_id for step in steps):
            found.append(name)
    return sorted(found)


def _segment_flaw(name: str, definitions: Definitions) -> str | None:
    entry = definitions.segments.get(name)
    if entry is None or entry.deleted:
        return f"there is no segment {name!r}: create it with PUT /api/segments/ID"
    if entry.latest.mode != "live":
        return f'nobody is seen entering {name!r}, which is computed: save it with "mode": "live"'
    return None


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
        running = entry.published if entry.status in entries.RUNNING else None
        used = (one for one in (entry.draft, running) if one is not None and not entry.deleted)
        if any(segment_id in ruled.segments(campaign) for campaign in used):
            found.append(f"campaigns.{name}")
    return sorted(found)
