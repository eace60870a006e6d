"""Other makers' trackers, as `make sdk` installs them by npm."""

import shutil
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
MODULES: Final = ROOT / ".cache" / "sdk" / "node_modules"
SCRIPTS: Final = ROOT / "tests" / "sdk"


def missing() -> str | None:
    """Why tests with them cannot run; None if they can."""
    if shutil.which("node") is None:
        return "there is no node on the PATH"
    if not (MODULES.parent / ".ready").exists():
        return "other makers' trackers are not installed: `make sdk` does it by npm"
    return None


def needed(config: pytest.Config) -> None:
    """Skip the test where they are missing; with `--require-sdk` fail."""
    reason = missing()
    if reason is None:
        return
    if config.getoption("--require-sdk"):
        pytest.fail(reason)
    pytest.skip(reason)
