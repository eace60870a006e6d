"""A campaign as it was drafted, published, paused: what each change makes of it."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from engine.definitions import changes, failures, plans, publishing, transitions
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import Change
from engine.definitions.failures import Failure
from engine.definitions.plans import Plan
from engine.definitions.publishing import Pause, Paused, Publication, Release, Tripped
from engine.errors import Flaw, InvalidDefinitionError

CampaignStatus: TypeAlias = Literal["draft", "live", "paused", "failed", "stopped"]

RESTING: Final[frozenset[CampaignStatus]] = frozenset({"paused", "failed"})
"""Nobody comes in and nothing is sent; whoever is inside stays, and clocks go on."""

RUNNING: Final[frozenset[CampaignStatus]] = RESTING | {"live"}
"""Published, and not at an end."""


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
    failure: Failure | None = None
    """Why it is `failed`; of what runs again nothing is left of it."""
    guard: Tripped | None = None
    """The volume guard that paused it."""
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
            failure=None,
            guard=None,
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
        failure=_failure(entry, change),
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


def _failure(entry: CampaignEntry, change: Change) -> Failure | None:
    """Why it is switched off; a stopped campaign keeps it.

    Raises:
        InvalidDefinitionError: it is of another version than the one that runs.
    """
    if change.action != "fail":
        return entry.failure
    failure = failures.decode(bytes(change.body))
    if failure.version != entry.published_version:
        raise InvalidDefinitionError([Flaw(path="version", message="another one runs")])
    return failure


def _timed(entry: CampaignEntry, change: Change) -> CampaignEntry:
    """Note when clocks stand still, and since when they go again.

    Raises:
        InvalidDefinitionError: something else was said than there is to choose.
    """
    *before, last = entry.pauses or (None,)
    if change.action == "pause":
        pausing = publishing.decode(bytes(change.body), Paused)
        entry = msgspec.structs.replace(entry, guard=pausing.guard)
        if pausing.clocks == "run":
            return entry
        pauses = (*entry.pauses, Pause(change.at))[-publishing.PAUSES_MAX :]
        return msgspec.structs.replace(entry, pauses=pauses)
    entry = msgspec.structs.replace(entry, guard=None)
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
