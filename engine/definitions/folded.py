"""The fold of the log of changes: what every process knows, and what the engine decides under."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Final, NamedTuple

import msgspec

from engine.baseevent import BaseEvent
from engine.catalogue import shelf
from engine.catalogue.shelf import Catalogue
from engine.definitions import (
    changes,
    counters,
    crossing,
    entries,
    fanouts,
    freezing,
    nesting,
    plans,
    policies,
    rfm,
    settings,
    telling,
    watches,
)
from engine.definitions.audiences import AudienceEntry
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import Change
from engine.definitions.counters import Counters, MetricEntry
from engine.definitions.entries import CampaignEntry, CampaignStatus
from engine.definitions.experiments import ExperimentEntry
from engine.definitions.fanouts import FanoutEntry
from engine.definitions.nesting import NO_SEGMENTS, SegmentEntry, SegmentRules
from engine.definitions.plans import Plan
from engine.definitions.policies import Policy, PolicyEntry
from engine.definitions.pools import PoolEntry
from engine.definitions.rfm import RfmEntry
from engine.definitions.settings import Settings
from engine.definitions.templates import Template
from engine.definitions.triggers.types import Trigger
from engine.definitions.watches import Watched
from engine.definitions.watching import Watchers
from engine.errors import InvalidDefinitionError

NO_CATALOGUE: Final = shelf.empty()

NOTHING_FOLDED: Final = -1
"""The offset of an empty fold."""


class TemplateEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A template with every version, since a message pins one."""

    revision: int
    versions: Mapping[int, Template]
    deleted: bool = False

    @property
    def latest(self) -> Template:
        """The newest version."""
        return self.versions[max(self.versions)]


class LiveTrigger(NamedTuple):
    """A trigger that can let customers in now."""

    campaign: Campaign
    version: int
    trigger: Trigger

    @property
    def timer_id(self) -> str:
        """Of its timer, in the row."""
        tag = self.trigger.__struct_config__.tag
        return f"{tag}:{self.campaign.id}:{self.trigger.id}"


class Definitions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything folded up to `offset`, inclusive. Replaced as a whole, never changed."""

    offset: int = NOTHING_FOLDED
    campaigns: Mapping[str, CampaignEntry] = {}
    templates: Mapping[str, TemplateEntry] = {}
    policies: Mapping[str, PolicyEntry] = {}
    segments: Mapping[str, SegmentEntry] = {}
    segment_rules: SegmentRules = NO_SEGMENTS
    """Derived: the rule of each that is not deleted."""
    audiences: Mapping[str, AudienceEntry] = {}
    settings: Settings = Settings()
    settings_revision: int = 0
    """0: nobody has saved any; the defaults go."""
    metrics: Mapping[str, MetricEntry] = {}
    rfm: RfmEntry | None = None
    fanouts: Mapping[str, FanoutEntry] = {}
    experiments: Mapping[str, ExperimentEntry] = {}
    """Verdicts of A/B tests, by experiment."""
    pools: Mapping[str, PoolEntry] = {}
    counters: Counters = Counters()
    """Derived: the metrics and the demands, compiled and indexed by what they count."""
    demands: Mapping[str, MetricEntry] = {}
    """Derived: what the rules of live and paused campaigns need counted, every version's."""
    catalogue: Catalogue = NO_CATALOGUE
    """Beside the definitions, since both are what a partition decides under; put here by its
    owner, not folded from changes."""
    triggers: tuple[LiveTrigger, ...] = ()
    """Derived, as the next two: the enabled triggers of every live campaign, by campaign's id."""
    watching: Mapping[type[BaseEvent], Watchers[LiveTrigger]] = {}
    """By the events they watch: an event meets no others. As the next, those of paused campaigns
    too, whose clocks run on."""
    timers: Mapping[str, LiveTrigger] = {}
    """By the ids of their timers."""

    watched: Watched = watches.NOTHING
    """Derived: what rows remember the truth of."""
    crossing: Mapping[str, tuple[LiveTrigger, ...]] = {}
    """Derived: enabled triggers by the watch they wait for."""

    def live(self, campaign_id: str) -> CampaignEntry | None:
        """The entry of a campaign that runs now."""
        entry = self.campaigns.get(campaign_id)
        return entry if entry is not None and entry.status == "live" else None

    def versions(self, campaign_id: str) -> list[tuple[int, Campaign]]:
        """The versions of a campaign that ever ran, the oldest first."""
        entry = self.campaigns.get(campaign_id)
        return [] if entry is None else sorted(entry.versions.items(), key=lambda one: one[0])

    def plan(self, campaign_id: str, version: int) -> Plan:
        """What was worked out of a version when it was published."""
        entry = self.campaigns.get(campaign_id)
        return plans.NOTHING if entry is None else entry.plans.get(version, plans.NOTHING)

    def status(self, campaign_id: str) -> CampaignStatus:
        """Of a campaign; one that was never there is stopped."""
        entry = self.campaigns.get(campaign_id)
        return "stopped" if entry is None else entry.status

    def policy(self, campaign: Campaign) -> Policy:
        """What goes for its messages."""
        return policies.of(self.policies, campaign.policy)

    def trigger_of(self, campaign_id: str, version: int, trigger_id: str) -> LiveTrigger | None:
        """A trigger as a version that ran has it, whether it runs now or not."""
        entry = self.campaigns.get(campaign_id)
        campaign = None if entry is None else entry.versions.get(version)
        triggers = () if campaign is None else campaign.triggers
        found = (trigger for trigger in triggers if trigger.id == trigger_id)
        trigger = next(found, None)
        if campaign is None or trigger is None:
            return None
        return LiveTrigger(campaign, version, trigger)


class Folded(NamedTuple):
    """The fold after one change."""

    definitions: Definitions
    is_void: bool
    """Made from an older revision, or impossible: it changed nothing."""


def fold(definitions: Definitions, change: Change, *, offset: int) -> Folded:
    """Apply one change; a void one only moves the offset.

    Every process decides alike what is void: from the log and nothing else.
    """
    moved = msgspec.structs.replace(definitions, offset=offset)
    try:
        applied = _apply(moved, change)
    except InvalidDefinitionError:
        return Folded(moved, is_void=True)
    if applied is None:
        return Folded(moved, is_void=True)
    after = derived(applied, change)
    if len(after.watched.crossings) > watches.CROSSINGS_MAX and change.action == "publish":
        return Folded(moved, is_void=True)
    return Folded(after, is_void=False)


def derived(definitions: Definitions, change: Change) -> Definitions:
    """Everything that follows from the definitions, after a change of them."""
    return _watching(_indexed(_counting(definitions, change)), change)


def revision_of(definitions: Definitions, kind: changes.DefinitionKind, definition_id: str) -> int:
    """The revision a change must be based on; 0 when there is nothing."""
    if kind == "settings":
        return definitions.settings_revision if definition_id == settings.ID else 0
    if kind == "rfm":
        known = definitions.rfm if definition_id == rfm.ID else None
        return 0 if known is None else known.revision
    entry = getattr(definitions, kind).get(definition_id)
    return 0 if entry is None else int(entry.revision)


def _apply(definitions: Definitions, change: Change) -> Definitions | None:
    if change.based_on != revision_of(definitions, change.kind, change.id):
        return None
    return _APPLIES[change.kind](definitions, change)


def _with_template(definitions: Definitions, change: Change) -> Definitions | None:
    template = _template_after(definitions.templates.get(change.id), change)
    if template is None:
        return None
    return msgspec.structs.replace(
        definitions, templates={**definitions.templates, change.id: template}
    )


def _with_policy(definitions: Definitions, change: Change) -> Definitions | None:
    entry = definitions.policies.get(change.id)
    revision = change.based_on + 1
    if change.action == "put":
        policy = changes.decode_policy(bytes(change.body))
        if policy.id != change.id or policies.flaws_among(policy, definitions.policies):
            return None
        versions = {} if entry is None else entry.versions
        found = PolicyEntry(revision=revision, versions={**versions, revision: policy})
    elif change.action == "delete" and entry is not None and not entry.deleted:
        found = msgspec.structs.replace(entry, revision=revision, deleted=True)
    else:
        return None
    return msgspec.structs.replace(definitions, policies={**definitions.policies, change.id: found})


def _with_campaign(definitions: Definitions, change: Change) -> Definitions | None:
    campaign = entries.after(definitions.campaigns.get(change.id), change)
    if campaign is None:
        return None
    return msgspec.structs.replace(
        definitions, campaigns={**definitions.campaigns, change.id: campaign}
    )


def _with_segment(definitions: Definitions, change: Change) -> Definitions | None:
    segments = nesting.after(definitions.segments, change)
    if segments is None:
        return None
    return msgspec.structs.replace(
        definitions, segments=segments, segment_rules=SegmentRules(nesting.rules(segments))
    )


def _with_audience(definitions: Definitions, change: Change) -> Definitions | None:
    audiences = freezing.after(definitions.audiences, change)
    if audiences is None:
        return None
    return msgspec.structs.replace(definitions, audiences=audiences)


def _with_settings(definitions: Definitions, change: Change) -> Definitions | None:
    """There is one id, and nothing to delete: PUT the defaults instead."""
    if change.id != settings.ID or change.action != "put":
        return None
    return msgspec.structs.replace(
        definitions,
        settings=changes.decode_settings(bytes(change.body)),
        settings_revision=change.based_on + 1,
    )


def _with_metrics(definitions: Definitions, change: Change) -> Definitions | None:
    metrics = counters.after(definitions.metrics, change, offset=definitions.offset)
    return None if metrics is None else msgspec.structs.replace(definitions, metrics=metrics)


def _with_cuts(definitions: Definitions, change: Change) -> Definitions | None:
    entry = telling.cuts(change)
    return None if entry is None else msgspec.structs.replace(definitions, rfm=entry)


def _with_fanout(definitions: Definitions, change: Change) -> Definitions | None:
    known = telling.after(definitions.fanouts, change)
    if known is None:
        return None
    after = msgspec.structs.replace(definitions, fanouts=known)
    fanout = known[change.id].fanout
    if fanout.seam < 0 or fanout.state != "done":
        return after
    return msgspec.structs.replace(
        after,
        metrics=counters.warmed(definitions.metrics, offset=fanout.seam),
        demands=counters.warmed(definitions.demands, offset=fanout.seam),
    )


def _with_verdict(definitions: Definitions, change: Change) -> Definitions | None:
    known = telling.verdicts(definitions.experiments, change)
    return None if known is None else msgspec.structs.replace(definitions, experiments=known)


def _with_pool(definitions: Definitions, change: Change) -> Definitions | None:
    known = telling.pools_after(definitions.pools, change)
    return None if known is None else msgspec.structs.replace(definitions, pools=known)


_COUNTED: Final = frozenset({"campaigns", "metrics", "segments", "settings"})
"""Kinds of changes after which something else may be counted."""

_WATCHED: Final = _COUNTED | {"rfm"}
"""And after which something else may be watched."""

_APPLIES: Final[
    Mapping[changes.DefinitionKind, Callable[[Definitions, Change], Definitions | None]]
] = {
    "campaigns": _with_campaign,
    "templates": _with_template,
    "policies": _with_policy,
    "segments": _with_segment,
    "audiences": _with_audience,
    "settings": _with_settings,
    "metrics": _with_metrics,
    "rfm": _with_cuts,
    "fanouts": _with_fanout,
    "experiments": _with_verdict,
    "pools": _with_pool,
}


def _template_after(entry: TemplateEntry | None, change: Change) -> TemplateEntry | None:
    revision = change.based_on + 1
    if change.action == "put":
        template = changes.decode_template(bytes(change.body))
        if template.id != change.id:
            return None
        versions = {} if entry is None else entry.versions
        return TemplateEntry(revision=revision, versions={**versions, revision: template})
    if change.action == "delete" and entry is not None and not entry.deleted:
        return msgspec.structs.replace(entry, revision=revision, deleted=True)
    return None


def _counting(definitions: Definitions, change: Change) -> Definitions:
    """Count what the metrics and the rules of campaigns need, from the change on."""
    if change.kind not in _COUNTED and not _is_of_backfill(change):
        return definitions
    needed = crossing.demanded(definitions)
    kept = counters.demanded(
        definitions.demands,
        needed,
        offset=definitions.offset,
        at=change.at,
        is_warming=change.backfill,
    )
    indexed = counters.indexed(definitions.metrics, kept)
    return msgspec.structs.replace(definitions, demands=kept, counters=indexed)


def _is_of_backfill(change: Change) -> bool:
    return change.kind == "fanouts" and change.id.startswith(fanouts.BACKFILL)


def _indexed(definitions: Definitions) -> Definitions:
    triggers = tuple(_triggers(definitions, {"live"}))
    watching: defaultdict[type[BaseEvent], list[LiveTrigger]] = defaultdict(list)
    running = tuple(_triggers(definitions, entries.RUNNING))
    for live in running:
        for event in live.trigger.WATCHES:
            watching[event].append(live)
    return msgspec.structs.replace(
        definitions,
        triggers=triggers,
        watching={event: Watchers(found, event) for event, found in watching.items()},
        timers={live.timer_id: live for live in running},
    )


def _watching(definitions: Definitions, change: Change) -> Definitions:
    if change.kind not in _WATCHED and not _is_of_backfill(change):
        return definitions
    return msgspec.structs.replace(
        definitions,
        watched=crossing.watched(definitions, is_population=change.kind == "rfm"),
        crossing=crossing.waiting(definitions.triggers),
    )


def _triggers(definitions: Definitions, statuses: Set[CampaignStatus]) -> Iterator[LiveTrigger]:
    for _, entry in sorted(definitions.campaigns.items()):
        if entry.status not in statuses or entry.published is None:
            continue
        for trigger in entry.published.triggers:
            if trigger.enabled:
                yield LiveTrigger(entry.published, entry.published_version, trigger)
