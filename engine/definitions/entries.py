"""A campaign as it was drafted, published, paused: what each change makes of it."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from engine.definitions import changes, plans, publishing, transitions
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import Change
from engine.definitions.plans import Plan
from engine.definitions.publishing import Pause, Pausing, Publication, Release
from engine.errors import InvalidDefinitionError

CampaignStatus: TypeAlias = Literal["draft", "live", "paused", "stopped"]


class CampaignEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign's draft, and the version that runs."""

    revision: int
    """Moves with every change: the ETag."""
    draft: Campaign
    draft_version: int
    """The revision that wrote the draft: versions of one campaign grow, with gaps."""
    status: CampaignStatus = "draft"
    published: Campaign | None = None
    published_version: int = 0
    versions: Mapping[int, Campaign] = {}
    """Every version that ever ran: a run stays on the one it began with."""
    plans: Mapping[int, Plan] = {}
    """Of the versions."""
    publications: Mapping[int, Publication] = {}
    """By version, what became of those inside, where it is not that they stay."""
    pauses: tuple[Pause, ...] = ()
    """With frozen clocks."""
    release: Release | None = None
    """Of what waited in the last pause."""
    deleted: bool = False


def after(entry: CampaignEntry | None, change: Change) -> CampaignEntry | None:
    """What a change makes of a campaign; None: it makes no sense.

    Raises:
        InvalidDefinitionError: what it says is wrong.
    """
    if change.action == "put":
        return _drafted(entry, change)
    if entry is None or entry.deleted:
        return None
    revision = change.based_on + 1
    if change.action == "publish":
        return msgspec.structs.replace(
            entry,
            revision=revision,
            status="live",
            published=entry.draft,
            published_version=entry.draft_version,
            publications=_publications(entry, change),
            versions={**entry.versions, entry.draft_version: entry.draft},
            plans={**entry.plans, entry.draft_version: plans.of(entry.draft)},
        )
    status = transitions.NEXT.get((entry.status, change.action))
    if status is None:
        return None
    return msgspec.structs.replace(
        _timed(entry, change),
        revision=revision,
        status=status,
        deleted=change.action == "delete",
    )


def _publications(entry: CampaignEntry, change: Change) -> Mapping[int, Publication]:
    """What becomes of those inside; not again of a version that they are on already.

    Raises:
        InvalidDefinitionError: they cannot go over to the draft by that.
    """
    publication = publishing.decode(bytes(change.body), Publication)
    if publication.running == "stay" or entry.draft_version in entry.versions:
        return entry.publications
    if found := publishing.flaws(publication, entry.versions, entry.draft):
        raise InvalidDefinitionError(found)
    return {**entry.publications, entry.draft_version: publication}


def _timed(entry: CampaignEntry, change: Change) -> CampaignEntry:
    """Note when clocks stand still, and since when they go again.

    Raises:
        InvalidDefinitionError: something else was said than there is to choose.
    """
    *before, last = entry.pauses or (None,)
    if change.action == "pause":
        pausing = publishing.decode(bytes(change.body), Pausing)
        if pausing.clocks == "run":
            return entry
        pauses = (*entry.pauses, Pause(change.at))[-publishing.PAUSES_MAX :]
        return msgspec.structs.replace(entry, pauses=pauses)
    if last is not None and last.end_at is None:
        ended = Pause(last.first_at, max(change.at, last.first_at))
        known = [one for one in before if one is not None]
        entry = msgspec.structs.replace(entry, pauses=(*known, ended))
    if change.action == "resume":
        resuming = publishing.resuming(bytes(change.body))
        release = Release(change.at, resuming.over_ms)
        entry = msgspec.structs.replace(entry, release=release)
    return entry


def _drafted(entry: CampaignEntry | None, change: Change) -> CampaignEntry | None:
    """Save a draft; what was deleted starts afresh, but its versions go on counting."""
    draft = changes.decode_campaign(bytes(change.body))
    if draft.id != change.id:
        return None
    revision = change.based_on + 1
    if entry is None or entry.deleted:
        return CampaignEntry(revision=revision, draft=draft, draft_version=revision)
    return msgspec.structs.replace(entry, revision=revision, draft=draft, draft_version=revision)
