"""A file of tests: what all of them share, and each as a case."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple
from urllib.parse import quote

import msgspec

from engine.definitions import cases, moments
from engine.definitions.cases import Case, Given
from engine.definitions.folded import Definitions
from engine.errors import Flaw
from oncue import definitions
from oncue.definitions import InvalidFolderError
from oncue.testing import documents
from oncue.testing.documents import Document
from oncue.testing.errors import CaseFileError

FILE_MAX_BYTES: Final = 1 << 20

_KINDS: Final = ("campaigns", "templates", "policies", "pools", "metrics", "segments")
_PLACE: Final = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What such a file holds."""

    about: str = ""
    definitions: str | dict[str, object]
    """A folder beside the file, or by kind a list of definitions; `settings` is one by itself."""
    start: str = moments.START
    """Of the tests that say none."""
    customers: dict[str, Given] = {}
    """There in every test; one that a test has itself goes before it."""
    tests: list[Case]


class Loaded(NamedTuple):
    """A file's tests, ready to be run."""

    cases: list[Case]
    definitions: Definitions
    warnings: list[str]
    document: Document
    """For the line of what failed."""


def load(path: Path) -> Loaded:
    """Read a file of tests and its definitions.

    Raises:
        CaseFileError: it is none; a line for each thing wrong.
    """
    document = documents.read(_text(path), file=str(path))
    file = _decoded(document, path)
    told = [_case(one, file, document, place) for place, one in enumerate(file.tests)]
    flaws = cases.flaws(told, path="tests")
    if not told:
        flaws = [Flaw(path="tests", message="there is no test")]
    if flaws:
        raise CaseFileError("\n".join(_told(path, document, flaw) for flaw in flaws))
    loaded = _definitions(file, path, document)
    return Loaded(told, loaded.definitions, loaded.warnings, document)


def _text(path: Path) -> str:
    try:
        body = path.read_bytes()
        if len(body) > FILE_MAX_BYTES:
            raise CaseFileError(f"{path}: larger than {FILE_MAX_BYTES} bytes")
        return body.decode()
    except OSError as error:
        raise CaseFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CaseFileError(f"{path}: this is not UTF-8") from error


def _decoded(document: Document, path: Path) -> File:
    try:
        return msgspec.convert(document.content, File)
    except msgspec.ValidationError as error:
        message = str(error)
        place = _PLACE.search(message)
        # msgspec says `[...]` for a key of a mapping: what is above it is near enough.
        where = "" if place is None else place[1].partition("[...]")[0]
        text = message[: place.start()] if place else message
        named = re.search(r"unknown field `(.+)`", text)
        if named is not None:
            where = f"{where}.{named[1]}".lstrip(".")
        raise CaseFileError(_told(path, document, Flaw(path=where, message=text))) from error


def _case(case: Case, file: File, document: Document, place: int) -> Case:
    says_start = f"tests[{place}].start" in document.lines
    return msgspec.structs.replace(
        case,
        start=case.start if says_start else file.start,
        customers={**file.customers, **case.customers},
    )


def _definitions(file: File, path: Path, document: Document) -> definitions.Folder:
    at = moments.instant(moments.START)
    try:
        if isinstance(file.definitions, str):
            return definitions.load(path.parent / file.definitions, at=at)
        with TemporaryDirectory() as made:
            folder = Path(made)
            _write(file.definitions, folder, path, document)
            return definitions.load(folder, at=at)
    except InvalidFolderError as error:
        line = document.line("definitions")
        told = [f"{path}:{line}: definitions: {flaw}" for flaw in error.flaws]
        raise CaseFileError("\n".join(told)) from error


def _write(said: dict[str, object], folder: Path, path: Path, document: Document) -> None:
    """As a folder, so that it is read and checked the same way."""
    for kind, listed in said.items():
        where = f"definitions.{kind}"
        if kind == "settings":
            (folder / "settings.json").write_bytes(msgspec.json.encode(listed))
            continue
        if kind not in _KINDS or not isinstance(listed, list):
            message = f"a list under one of {', '.join(_KINDS)}, or settings"
            raise CaseFileError(_told(path, document, Flaw(path=where, message=message)))
        (folder / kind).mkdir()
        for place, one in enumerate(listed):
            name = one.get("id") if isinstance(one, dict) else None
            if not isinstance(name, str) or not name:
                flaw = Flaw(path=f"{where}[{place}]", message="a definition needs its id")
                raise CaseFileError(_told(path, document, flaw))
            body = msgspec.json.encode(one)
            (folder / kind / f"{quote(name, safe='')}.json").write_bytes(body)


def _told(path: Path, document: Document, flaw: Flaw) -> str:
    place = f"{flaw.path}: " if flaw.path else ""
    return f"{path}:{document.line(flaw.path)}: {place}{flaw.message}"
