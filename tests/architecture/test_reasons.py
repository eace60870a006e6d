"""The closed list of reasons: each is decided somewhere, and a test meets it."""

from pathlib import Path
from typing import Final, get_args

import pytest

from engine.reasons import REASONS_MAX, SENTENCES, Reason

ROOT: Final = Path(__file__).parents[2]

CODES: Final = get_args(Reason)


def sources(*folders: str) -> str:
    """The code there, but for the list itself and what holds it to other lists."""
    files = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    skipped = {"reasons.py", "findings.py", "test_reasons.py", "test_shapes.py"}
    return "\n".join(path.read_text() for path in files if path.name not in skipped)


def test_there_are_no_more_than_people_can_tell_apart() -> None:
    assert len(CODES) <= REASONS_MAX
    assert set(SENTENCES) == set(CODES)


@pytest.mark.parametrize("folders", [("engine",), ("tests/scenarios", "tests/unit/engine")])
def test_every_reason_is_decided_and_met_by_a_test(folders: tuple[str, ...]) -> None:
    text = sources(*folders)
    met = {code for code in CODES if any(f"{mark}{code}" in text for mark in ('"', ": "))}

    assert sorted(set(CODES) - met) == []
