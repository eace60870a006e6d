"""A folder of definitions: `{segments,campaigns,templates,policies}/ID.json`, bodies as for PUT.

So are `metrics/ID.json`. The settings are one file of the folder, `settings.json`.

A campaign in a folder counts as published. The folder becomes the changes that would have written
it, so that a simulation decides under the same fold as a running installation.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import msgspec

from channels.rendering import render
from engine import ids
from engine.definitions import changes, folded, installation, settings
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.definitions.folded import Definitions
from engine.errors import Flaw, InvalidDefinitionError
from engine.rules import cycles
from engine.rules.nodes import Rule

_SETTINGS: Final = f"{settings.ID}.json"
_KINDS: Final[tuple[DefinitionKind, ...]] = (
    "metrics",
    "segments",
    "templates",
    "policies",
    "campaigns",
)
"""In the order they are applied: a campaign names segments, templates and a policy."""

_FILE_MAX_BYTES: Final = 1 << 20


class InvalidFolderError(Exception):
    """The folder is refused as a whole; each flaw is a line with its file and place."""

    code = "invalid_folder"

    def __init__(self, flaws: list[str]) -> None:
        super().__init__("\n".join(flaws))
        self.flaws = flaws


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds."""

    changes: list[Change]
    definitions: Definitions
    """The changes folded from nothing."""
    warnings: list[str]
    """What will run, but hardly as meant; a line each."""


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    file: str
    kind: DefinitionKind
    id: str
    body: bytes


def load(folder: Path, *, at: int) -> Folder:
    """Read and check every definition.

    Args:
        at: Epoch ms the changes are dated with.

    Raises:
        InvalidFolderError: with every flaw of every file.
    """
    flaws: list[str] = []
    found = list(_files(folder, flaws))
    for definition in found:
        flaws.extend(_told(definition.file, flaw) for flaw in _check(definition))
    if flaws:
        raise InvalidFolderError(flaws)
    made = [change for definition in _nested(found) for change in _changes(definition, at=at)]
    definitions = Definitions()
    for offset, change in enumerate(made):
        definitions = folded.fold(definitions, change, offset=offset).definitions
    flaws.extend(_rule_flaws(found, definitions))
    if flaws:
        raise InvalidFolderError(flaws)
    return Folder(
        changes=made, definitions=definitions, warnings=list(_warnings(folder, definitions))
    )


def _files(folder: Path, flaws: list[str]) -> Iterator[_Found]:
    if not folder.is_dir():
        flaws.append(f"{folder}: no such folder")
        return
    found: list[tuple[DefinitionKind, Path]] = [
        (kind, path) for kind in _KINDS for path in sorted((folder / kind).glob("*.json"))
    ]
    if (folder / _SETTINGS).exists():
        found.insert(0, ("settings", folder / _SETTINGS))
    for kind, path in found:
        file = str(path.relative_to(folder))
        try:
            yield _read(path, kind, file=file)
        except OSError as error:
            flaws.append(f"{file}: {error.strerror}")
        except InvalidDefinitionError as error:
            flaws.extend(_told(file, flaw) for flaw in error.flaws)


def _read(path: Path, kind: DefinitionKind, *, file: str) -> _Found:
    definition_id = unquote(path.stem)
    body = path.read_bytes()
    if len(body) > _FILE_MAX_BYTES:
        raise InvalidDefinitionError(
            [Flaw(path="", message=f"larger than {_FILE_MAX_BYTES} bytes")]
        )
    try:
        content = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidDefinitionError([Flaw(path="", message=str(error))]) from error
    if kind == "settings":
        return _Found(file=file, kind=kind, id=definition_id, body=body)
    if content.setdefault("id", definition_id) != definition_id:
        flaw = Flaw(path="id", message=f"{content['id']!r} is not the file's name")
        raise InvalidDefinitionError([flaw])
    return _Found(file=file, kind=kind, id=definition_id, body=msgspec.json.encode(content))


def _check(definition: _Found) -> list[Flaw]:
    try:
        if definition.kind == "campaigns":
            changes.decode_campaign(definition.body)
        elif definition.kind == "metrics":
            changes.decode_metric(definition.body)
        elif definition.kind == "segments":
            changes.decode_segment(definition.body)
        elif definition.kind == "policies":
            changes.decode_policy(definition.body)
        elif definition.kind == "settings":
            return settings.zone_flaws(changes.decode_settings(definition.body))
        else:
            return render.check(changes.decode_template(definition.body))
    except InvalidDefinitionError as error:
        return list(error.flaws)
    return []


def _told(file: str, flaw: Flaw) -> str:
    return f"{file}: {flaw.path}: {flaw.message}" if flaw.path else f"{file}: {flaw.message}"


def _nested(found: list[_Found]) -> list[_Found]:
    """Segments behind those that they name; what goes in a circle is refused later."""
    rules = _segment_rules(found)
    levels = {name: len(cycles.reached(rule, rules)) for name, rule in rules.items()}
    return sorted(
        found,
        key=lambda one: (
            _KINDS.index(one.kind) if one.kind in _KINDS else -1,
            levels[one.id] if one.kind == "segments" else 0,
        ),
    )


def _segment_rules(found: list[_Found]) -> dict[str, Rule]:
    return {
        one.id: changes.decode_segment(one.body).rule for one in found if one.kind == "segments"
    }


def _changes(definition: _Found, *, at: int) -> Iterator[Change]:
    yield _change(definition, "put", based_on=0, at=at)
    if definition.kind == "campaigns":
        yield _change(definition, "publish", based_on=1, at=at)


def _change(definition: _Found, action: Action, *, based_on: int, at: int) -> Change:
    return Change(
        change_id=ids.derived("folder", definition.kind, definition.id, action, at),
        kind=definition.kind,
        id=definition.id,
        action=action,
        based_on=based_on,
        body=msgspec.Raw(definition.body if action == "put" else b"null"),
        at=at,
        by="folder",
    )


def _rule_flaws(found: list[_Found], definitions: Definitions) -> Iterator[str]:
    """Rules are checked against all there is: settings and metrics of the same folder, too."""
    rules = _segment_rules(found)
    for one in found:
        if one.kind == "segments":
            segment = changes.decode_segment(one.body)
            for flaw in installation.segment_flaws(segment, definitions, rules=rules):
                yield _told(one.file, flaw)
    for campaign_id, entry in sorted(definitions.campaigns.items()):
        for flaw in installation.flaws(entry.draft, definitions):
            yield _told(f"campaigns/{campaign_id}.json", flaw)


def _warnings(folder: Path, definitions: Definitions) -> Iterator[str]:
    if not definitions.campaigns:
        yield f"{folder}: no campaign in campaigns/"
    templates: Mapping[str, object] = definitions.templates
    for campaign_id, entry in sorted(definitions.campaigns.items()):
        for step_id, step in entry.draft.sends():
            if step.template not in templates:
                yield (
                    f"campaigns/{campaign_id}.json: steps.{step_id}.template: "
                    f"no template {step.template!r}, so nothing will be sent"
                )
