"""What ends the process, with which status; each in a process of its own."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from agents.batching import fatal

ROOT = Path(__file__).parents[4]
PROGRAM = """
import asyncio, atexit
from agents.batching import fatal
atexit.register(print, "cleaned up")
async def main():
    try:
        with fatal.guard:
            raise {error}
    except BaseException:
        print("went on")
asyncio.run(main())
"""


def run(error: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(error=error)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_an_error_ends_the_process_at_once_with_status_75() -> None:
    ended = run("ValueError('a bug')")

    assert ended.returncode == 75
    assert "a bug" in ended.stderr
    assert "cleaned up" not in ended.stdout
    assert "went on" not in ended.stdout


def test_the_end_of_the_interpreter_is_no_way_around_it() -> None:
    assert run("SystemExit(0)").returncode == 75


@pytest.mark.parametrize("interruption", [asyncio.CancelledError, GeneratorExit])
def test_a_cancellation_passes(interruption: type[BaseException]) -> None:
    with pytest.raises(interruption), fatal.guard:
        raise interruption
