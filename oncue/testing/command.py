"""`oncue test FILE...`: 0 when every test passed, 1 when one failed, 2 when a file is none."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from channels.rendering import rehearsing as rendering
from engine.rehearsal import rehearsing, telling
from engine.rehearsal.rehearsing import Outcome
from oncue.testing import reading
from oncue.testing.errors import CaseFileError
from oncue.testing.reading import Loaded

PASSED, FAILED, UNREADABLE = 0, 1, 2


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    files: tuple[Path, ...]
    """A folder stands for every .yaml and .yml file below it."""
    name: str = ""
    """Only tests whose name has this in it."""
    is_verbose: bool = False
    """Show the decisions of tests that passed, too."""


def run(request: Request, *, out: IO[str] = sys.stdout, told: IO[str] = sys.stderr) -> int:
    """Run every test of every file."""
    counts = {True: 0, False: 0}
    is_unreadable = False
    for path in _files(request.files):
        try:
            loaded = reading.load(path)
        except CaseFileError as error:
            told.write(f"{error}\n")
            is_unreadable = True
            continue
        for warning in loaded.warnings:
            told.write(f"{path}: {warning}\n")
        chosen = [case for case in loaded.cases if request.name.lower() in case.test.lower()]
        # One for each file: templates of two files may have the same name.
        render = rendering.renderer()
        for outcome in rehearsing.run(chosen, loaded.definitions, render=render):
            counts[outcome.passed] += 1
            out.writelines(f"{line}\n" for line in _lines(outcome, loaded, path, request))
    out.write(f"{counts[True]} passed, {counts[False]} failed\n")
    if is_unreadable or not any(counts.values()):
        return UNREADABLE
    return FAILED if counts[False] else PASSED


def _files(named: tuple[Path, ...]) -> Iterator[Path]:
    for path in named:
        if not path.is_dir():
            yield path
            continue
        yield from sorted(found for found in path.rglob("*.y*ml") if found.is_file())


def _lines(outcome: Outcome, loaded: Loaded, path: Path, request: Request) -> Iterator[str]:
    word = "passed" if outcome.passed else "FAILED"
    yield f"{word}  {path.name}: {outcome.test}"
    place = next(n for n, case in enumerate(loaded.cases) if case.test == outcome.test)
    for failure in outcome.failures:
        line = loaded.document.line(f"tests[{place}].{failure.path}")
        yield f"  {path}:{line}: {failure.path}"
        yield f"    expected  {failure.expected}"
        yield from _indented("    got       ", failure.got)
    if outcome.passed and not request.is_verbose:
        return
    yield "  what was decided:" if outcome.timeline else "  nothing was decided"
    for one in outcome.timeline:
        yield f"    {telling.words(one)}"


def _indented(first: str, text: str) -> Iterator[str]:
    for place, line in enumerate(text.splitlines() or [""]):
        yield f"{first if place == 0 else ' ' * len(first)}{line}"
