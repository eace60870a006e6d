"""How far the past of new definitions is filled in."""

from collections.abc import Iterable

from engine.definitions import demands, fanouts, nesting, ruled, watches
from engine.definitions.counters import MetricEntry
from engine.definitions.entries import CampaignEntry
from engine.definitions.folded import Definitions
from engine.definitions.segments import Segment
from engine.rules import cycles
from engine.rules.nodes import Rule


def of_metrics(entries: Iterable[MetricEntry], known: Definitions) -> dict[str, object]:
    """`warming`: records counted of those there are, identities told; nothing once all is known."""
    seams = {one.offset for one in entries if one.is_warming and not one.deleted}
    if not seams:
        return {}
    found = [known.fanouts.get(fanouts.backfill_id(seam)) for seam in sorted(seams)]
    begun = [entry.fanout for entry in found if entry is not None]
    return {
        "warming": {
            "replayed_count": sum(one.replayed_count for one in begun),
            "records_count": sum(one.records_count for one in begun),
            "told_count": sum(one.told_count for one in begun),
        }
    }


def of_segment(segment: Segment, known: Definitions) -> dict[str, object]:
    """The same of what a live segment asks for."""
    return of_rules([segment.rule], known) if segment.mode == "live" else {}


def of_campaign(entry: CampaignEntry, known: Definitions) -> dict[str, object]:
    """The same of what the rules of a campaign's versions ask for, while it runs."""
    if entry.status not in {"live", "paused"}:
        return {}
    return of_rules([rule for one in entry.versions.values() for rule in ruled.counted(one)], known)


def of_rules(rules: Iterable[Rule], known: Definitions) -> dict[str, object]:
    """The same of what rules, and the segments that they lead to, ask for."""
    every = {**known.demands, **known.metrics}
    if not any(entry.is_warming for entry in every.values()):
        return {}
    segments, zone = nesting.rules(known.segments), known.settings.timezone
    names: set[str] = set()
    for rule in rules:
        for one in (rule, *cycles.reached(rule, segments).values()):
            names |= watches.rule_names(one)
            names |= {demand.id for demand in demands.of(one, zone=zone).values()}
    return of_metrics([every[name] for name in sorted(names & every.keys())], known)
