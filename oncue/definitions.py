"""A folder of definitions: `{segments,campaigns,templates,policies}/ID.json`, bodies as for PUT.

So are `metrics/ID.json`. The settings are one file of the folder, `settings.json`.

A campaign in a folder counts as published. The folder becomes the changes that would have written
it, so that a simulation decides under the same fold as a running installation.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import msgspec

from channels.rendering import render
from engine import ids
from engine.definitions import changes, folded, installation, settings
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.definitions.folded import Definitions
from engine.definitions.settings import Settings
from engine.definitions.templates import Template
from engine.errors import Flaw, InvalidDefinitionError
from engine.rules import cycles
from engine.rules.nodes import Rule

SETTINGS_FILE: Final = f"{settings.ID}.json"
KINDS: Final[tuple[DefinitionKind, ...]] = (
    "metrics",
    "segments",
    "templates",
    "policies",
    "pools",
    "campaigns",
)
"""In the order they are applied: a campaign names segments, templates and a policy."""

DECODERS: Final[Mapping[DefinitionKind, Callable[[bytes], msgspec.Struct]]] = {
    "settings": changes.decode_settings,
    "metrics": changes.decode_metric,
    "segments": changes.decode_segment,
    "templates": changes.decode_template,
    "policies": changes.decode_policy,
    "pools": changes.decode_pool,
    "campaigns": changes.decode_campaign,
}
"""How the body of each is read and checked by itself."""

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


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A definition in a file, or one that stands beside it."""

    file: str
    """Below the folder."""
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
    found = read(folder)
    made = made_of(found, at=at)
    definitions = fold(made)
    flaws = list(rule_flaws(found, definitions, beside=found))
    if flaws:
        raise InvalidFolderError(flaws)
    return Folder(
        changes=made, definitions=definitions, warnings=list(_warnings(folder, definitions))
    )


def read(folder: Path) -> list[Found]:
    """Read every definition and check it by itself.

    Raises:
        InvalidFolderError: with every flaw of every file.
    """
    flaws: list[str] = []
    found = list(_files(folder, flaws))
    for definition in found:
        flaws.extend(told(definition.file, flaw) for flaw in _check(definition))
    if flaws:
        raise InvalidFolderError(flaws)
    return found


def made_of(found: Sequence[Found], *, at: int) -> list[Change]:
    """The changes that would have written them, in an order in which each means something."""
    return [change for definition in nested(found) for change in _changes(definition, at=at)]


def fold(made: Sequence[Change]) -> Definitions:
    """What the changes come to, from nothing."""
    definitions = Definitions()
    for offset, change in enumerate(made):
        definitions = folded.fold(definitions, change, offset=offset).definitions
    return definitions


def _files(folder: Path, flaws: list[str]) -> Iterator[Found]:
    if not folder.is_dir():
        flaws.append(f"{folder}: no such folder")
        return
    found: list[tuple[DefinitionKind, Path]] = [
        (kind, path) for kind in KINDS for path in sorted((folder / kind).glob("*.json"))
    ]
    if (folder / SETTINGS_FILE).exists():
        found.insert(0, ("settings", folder / SETTINGS_FILE))
    for kind, path in found:
        file = str(path.relative_to(folder))
        try:
            yield _read(path, kind, file=file)
        except OSError as error:
            flaws.append(f"{file}: {error.strerror}")
        except InvalidDefinitionError as error:
            flaws.extend(told(file, flaw) for flaw in error.flaws)


def _read(path: Path, kind: DefinitionKind, *, file: str) -> Found:
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
        return Found(file=file, kind=kind, id=definition_id, body=body)
    if content.setdefault("id", definition_id) != definition_id:
        flaw = Flaw(path="id", message=f"{content['id']!r} is not the file's name")
        raise InvalidDefinitionError([flaw])
    return Found(file=file, kind=kind, id=definition_id, body=msgspec.json.encode(content))


def _check(definition: Found) -> list[Flaw]:
    try:
        decoded = DECODERS[definition.kind](definition.body)
    except InvalidDefinitionError as error:
        return list(error.flaws)
    if isinstance(decoded, Settings):
        return settings.zone_flaws(decoded)
    return render.check(decoded) if isinstance(decoded, Template) else []


def told(file: str, flaw: Flaw) -> str:
    """One line: the file, the place in it, what is wrong."""
    where = f"{file}: {flaw.path}" if flaw.path else file
    node = "" if flaw.node is None else f" (node {flaw.node})"
    return f"{where}: {flaw.message}{node}"


def nested(found: Sequence[Found]) -> list[Found]:
    """Segments behind those that they name; what goes in a circle is refused later."""
    rules = _segment_rules(found)
    levels = {name: len(cycles.reached(rule, rules)) for name, rule in rules.items()}
    return sorted(
        found,
        key=lambda one: (
            KINDS.index(one.kind) if one.kind in KINDS else -1,
            levels[one.id] if one.kind == "segments" else 0,
        ),
    )


def _segment_rules(found: Sequence[Found]) -> dict[str, Rule]:
    return {
        one.id: changes.decode_segment(one.body).rule for one in found if one.kind == "segments"
    }


def _changes(definition: Found, *, at: int) -> Iterator[Change]:
    yield _change(definition, "put", based_on=0, at=at)
    if definition.kind == "campaigns":
        yield _change(definition, "publish", based_on=1, at=at)


def _change(definition: Found, action: Action, *, based_on: int, at: int) -> Change:
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


def rule_flaws(
    found: Sequence[Found], definitions: Definitions, *, beside: Sequence[Found]
) -> Iterator[str]:
    """Rules are checked against all there is: settings and metrics of the same folder, too.

    Args:
        definitions: What `beside` folds to.
        beside: With `found` among them.
    """
    rules = _segment_rules(beside)
    for one in found:
        if one.kind == "segments":
            segment = changes.decode_segment(one.body)
            for flaw in installation.segment_flaws(segment, definitions, rules=rules):
                yield told(one.file, flaw)
        entry = definitions.campaigns.get(one.id) if one.kind == "campaigns" else None
        for flaw in () if entry is None else installation.flaws(entry.draft, definitions):
            yield told(one.file, flaw)


def _warnings(folder: Path, definitions: Definitions) -> Iterator[str]:
    if not definitions.campaigns:
        yield f"{folder}: no campaign in campaigns/"
    for campaign_id, entry in sorted(definitions.campaigns.items()):
        for step_id, step in entry.draft.sends():
            if step.template not in definitions.templates:
                yield (
                    f"campaigns/{campaign_id}.json: steps.{step_id}.template: "
                    f"no template {step.template!r}, so nothing will be sent"
                )
