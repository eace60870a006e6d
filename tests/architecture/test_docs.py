"""The papers keep up with the code."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final, get_args

import pytest

from engine.definitions.changes import DefinitionKind
from engine.definitions.entries import CampaignStatus
from engine.events import Kind
from engine.facts import ChangeKind, FactKind
from engine.reasons import Reason
from engine.rows import Ignored
from engine.sends import Response, SendState

ROOT: Final = Path(__file__).parents[2]
DECISIONS: Final = ROOT / "docs" / "decisions"
PAPERS: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/**/*.md")])


LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING: Final = re.compile(r"^#+ (.+)$", re.MULTILINE)
GLOSSARY_ENTRY: Final = re.compile(r"^- \*\*(.+?)\*\*", re.MULTILINE)
NUMBERED: Final = re.compile(r"docs/decisions/(\d{4})")
OF_A_MACHINE: Final = re.compile(r"(?<![\w.~:-])/(?:home|root|Users|work)/\w")

VOCABULARIES: Final = {
    "kind of event": Kind,
    "kind of fact": FactKind,
    "kind of change": ChangeKind,
    "reason": Reason,
    "response": Response,
    "state of a send": SendState,
    "status of a campaign": CampaignStatus,
    "kind of definition": DefinitionKind,
    "why ignored": Ignored,
}


@pytest.mark.parametrize("paper", PAPERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(paper: Path) -> None:
    missing = [
        target
        for target in LINK.findall(FENCED.sub("", paper.read_text()))
        if "://" not in target and not leads_somewhere(paper, target)
    ]

    assert missing == []


def test_every_decision_is_listed_and_numbered_once() -> None:
    files = sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
    listed = LINK.findall((DECISIONS / "README.md").read_text())
    numbers = [name[:4] for name in files]

    assert sorted(target for target in listed if target[0].isdigit()) == files
    assert numbers == [f"{place:04}" for place in range(1, len(files) + 1)]


@pytest.mark.parametrize("words", VOCABULARIES)
def test_the_glossary_knows_every(words: str) -> None:
    text = (ROOT / "docs" / "glossary.md").read_text()
    known = {
        word.strip("` ") for entry in GLOSSARY_ENTRY.findall(text) for word in entry.split(",")
    }

    assert sorted(set(get_args(VOCABULARIES[words])) - known) == []


def test_a_decision_that_code_names_exists() -> None:
    there = {path.name[:4] for path in DECISIONS.glob("[0-9]*.md")}
    named = {
        (path, number)
        for path in tracked()
        if path.suffix in {".py", ".toml", ".md"}
        for number in NUMBERED.findall((ROOT / path).read_text())
    }

    assert sorted((str(path), number) for path, number in named if number not in there) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if OF_A_MACHINE.search(line)
    ]

    assert found == []


def leads_somewhere(paper: Path, target: str) -> bool:
    path, _, fragment = target.partition("#")
    file = (paper.parent / path).resolve() if path else paper
    if not file.exists():
        return False
    return not fragment or fragment in {slug(heading) for heading in headings(file)}


def headings(file: Path) -> list[str]:
    return HEADING.findall(FENCED.sub("", file.read_text()))


def slug(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def tracked() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file()]


def text_of(path: Path) -> str:
    return (ROOT / path).read_text(errors="replace")
