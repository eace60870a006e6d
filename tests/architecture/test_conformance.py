"""docs/conformance.md: each rule and each pain names what shows it, or what is missing."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest

from oncue.testing import reading

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "conformance.md").read_text()
ROW: Final = re.compile(r"^\| (c\.2\.\d+|g\d\d) \| (.+?) \| (.+?) \|$", re.MULTILINE)
ROWS: Final = {found[1]: found[3] for found in ROW.finditer(PAGE)}
NAMED: Final = re.compile(r"`([^`]+)`")
WANTED: Final = {f"c.2.{n}" for n in range(1, 16)} | {f"g{n:02}" for n in range(1, 26)}
STORIES: Final = ROOT / "tests" / "conformance"


def test_every_rule_and_every_pain_stands_there_once() -> None:
    found = [row[1] for row in ROW.finditer(PAGE)]

    assert sorted(found) == sorted(WANTED)


@pytest.mark.parametrize("row", sorted(WANTED))
def test_a_row_names_what_shows_it_or_what_is_missing(row: str) -> None:
    shown = ROWS[row]
    is_missing = shown.startswith("not yet: ")

    assert is_missing != bool(NAMED.findall(shown))
    assert [name for name in NAMED.findall(shown) if not exists(name)] == []


def test_every_story_is_named() -> None:
    named = {name for shown in ROWS.values() for name in NAMED.findall(shown)}
    stories = {str(path.relative_to(ROOT)) for path in STORIES.iterdir()}

    assert stories - named == set()


@pytest.mark.parametrize("story", sorted(STORIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_story_says_in_words_what_it_protects(story: Path) -> None:
    loaded = reading.load(story)

    assert loaded.document.lines["about"] == 1
    assert all(" " in case.test for case in loaded.cases)


def exists(name: str) -> bool:
    path, _, test = name.partition("::")
    file = ROOT / path
    if not file.is_file():
        return False
    return not test or test in functions(file)


def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
