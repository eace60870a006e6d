"""Every test in YAML that stands in this repository passes: the rules, the pains, the demo's."""

from io import StringIO
from pathlib import Path
from typing import Final

import pytest

from oncue.testing import command
from oncue.testing.command import Request

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = (ROOT / "tests" / "conformance", ROOT / "oncue" / "demo" / "tests")
FILES: Final = sorted(path for folder in FOLDERS for path in folder.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_story_comes_true(path: Path) -> None:
    out = StringIO()

    assert command.run(Request(files=(path,)), out=out, told=out) == 0, out.getvalue()
