"""What changes make of audiences: one that was made stays of whom it is."""

from collections.abc import Mapping

import msgspec

from engine.definitions import audiences, changes
from engine.definitions.audiences import AudienceEntry
from engine.definitions.changes import Change


def after(known: Mapping[str, AudienceEntry], change: Change) -> dict[str, AudienceEntry] | None:
    """The audiences after a change; None: it is void.

    Raises:
        InvalidDefinitionError: the body is none.
    """
    entry = known.get(change.id)
    if change.action == "put":
        found = _saved(entry, change)
    elif change.action == "delete" and entry is not None and not entry.deleted:
        found = msgspec.structs.replace(
            entry, revision=change.based_on + 1, deleted=True, deleted_at=change.at
        )
    else:
        return None
    return None if found is None else {**known, change.id: found}


def _saved(entry: AudienceEntry | None, change: Change) -> AudienceEntry | None:
    said, revision = changes.decode_audience(bytes(change.body)), change.based_on + 1
    if said.id != change.id:
        return None
    if entry is None or entry.deleted:
        versions = {revision: said}
        return AudienceEntry(revision=revision, versions=versions, made=revision, made_at=change.at)
    if not audiences.is_same(entry.latest, said):
        return None
    whole = {**entry.versions, revision: said}
    return msgspec.structs.replace(entry, revision=revision, versions=whole)
