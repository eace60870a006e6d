"""The folder: what it wants, and what an export writes into it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

import msgspec

from oncue import definitions
from oncue.applying.documents import Key, Standing, Wanted, canonical
from oncue.applying.errors import WrongFilesError
from oncue.definitions import Found, InvalidFolderError
from oncue.up import keeping
from oncue.up.keeping import STATE_FILE, KeptState

UNREAD_MAX: Final = 5
"""Folders that a warning names."""


class Folder(NamedTuple):
    """What it holds, checked file by file."""

    found: list[Found]
    wanted: list[Wanted]
    unread: list[str]
    """Folders in it with files of JSON that are no kind of definition: a name mistyped, perhaps."""


class Written(NamedTuple):
    """What an export did."""

    changed_count: int
    same_count: int
    left: list[str]
    """Files of definitions that the installation does not have."""


def read(path: Path) -> Folder:
    """Read it.

    Raises:
        WrongFilesError: with every flaw of every file.
    """
    try:
        found = definitions.read(path)
        state = keeping.state(path)
    except InvalidFolderError as error:
        raise WrongFilesError(error.flaws) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WrongFilesError([f"{STATE_FILE}: {error}"]) from error
    _check_names(found)
    return Folder(found, [_wanted(one, state) for one in found], list(_unread(path)))


def write(path: Path, standing: Mapping[Key, Standing]) -> Written:
    """Write what the installation has, in the form of `oncue up`; nothing is removed."""
    kept = {
        key: one
        for key, one in standing.items()
        if one.status != "stopped" and not (key.kind == "settings" and one.revision == 0)
    }
    files = {_file(path, key): keeping.pretty(one.shown) for key, one in kept.items()}
    state = KeptState(
        drafts=_of_status(kept, "draft"),
        paused=_of_status(kept, "paused", "failed"),
    )
    if state != KeptState() or (path / STATE_FILE).exists():
        files[path / STATE_FILE] = keeping.pretty(msgspec.json.encode(state))
    changed = 0
    for file, body in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        changed += keeping.replace(file, body)
    left = sorted(
        str(file.relative_to(path))
        for kind in definitions.KINDS
        for file in (path / kind).glob("*.json")
        if file not in files
    )
    return Written(changed, len(files) - changed, left)


def _check_names(found: list[Found]) -> None:
    counts = Counter((one.kind, one.id) for one in found)
    flaws = [
        f"{one.file}: another file is named for {one.id!r}, too: remove one of them"
        for one in found
        if counts[one.kind, one.id] > 1
    ]
    if flaws:
        raise WrongFilesError(flaws)


def _wanted(one: Found, state: KeptState) -> Wanted:
    key = Key(one.kind, one.id)
    is_campaign = one.kind == "campaigns"
    return Wanted(
        key=key,
        body=canonical(key, one.body),
        is_draft=is_campaign and one.id in state.drafts,
        is_paused=is_campaign and one.id in state.paused,
    )


def _unread(path: Path) -> Iterator[str]:
    for below in sorted(path.iterdir()):
        is_kind = below.name in definitions.KINDS or below.name.startswith(".")
        if not is_kind and below.is_dir() and any(below.glob("*.json")):
            yield below.name


def _file(path: Path, key: Key) -> Path:
    """Where it stands; a file that is there already keeps its spelling of the id."""
    if key.kind == "settings":
        return path / definitions.SETTINGS_FILE
    folder = path / key.kind
    there = (file for file in folder.glob("*.json") if unquote(file.stem) == key.id)
    return next(there, folder / keeping.file_name(key.id))


def _of_status(kept: Mapping[Key, Standing], *statuses: str) -> tuple[str, ...]:
    return tuple(sorted(key.id for key, one in kept.items() if one.status in statuses))
