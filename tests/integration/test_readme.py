"""What the README tells to type, run as it stands on a stack of our own."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from oncue.up import status
from tests.support import ports
from tests.support.waiting import eventually_now

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text()
RUN: Final = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENVIRONMENT: Final = {
    **{name: value for name, value in os.environ.items() if not name.startswith("ONCUE_")},
    "NO_PROXY": "127.0.0.1",
    "PYTHONPATH": str(ROOT),
}

START_S: Final = 120
"""Six times what a start takes on two busy cores."""
TOUR_S: Final = 300
"""A minute when nobody else is at work."""
STOP_S: Final = 30


class Stack(NamedTuple):
    """Where a running `oncue up` answers."""

    api: str
    clickhouse: str


@pytest.mark.timeout(START_S + TOUR_S + STOP_S)
def test_every_block_runs_as_it_stands(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl on the PATH")
    checkout = like_a_checkout(tmp_path)

    with running(checkout / "var") as stack:
        said = walk(script(stack), folder=checkout)

    assert "Together: 39.90 EUR" in said
    assert "cleo@example.com" in said


def like_a_checkout(folder: Path) -> Path:
    """A folder where the README's paths mean what they do in ours, which stays clean."""
    binaries = folder / ".venv" / "bin"
    binaries.mkdir(parents=True)
    for name, arguments in {"python": "", "oncue": "-m oncue "}.items():
        wrapper = binaries / name
        wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n')
        wrapper.chmod(0o755)
    (folder / "oncue").symlink_to(ROOT / "oncue")
    return folder


def script(stack: Stack) -> str:
    """Every block in one shell, as a reader would type them."""
    lines = "".join(RUN.findall(README))
    return lines.replace("http://127.0.0.1:8080", stack.api).replace(
        "http://127.0.0.1:8123", stack.clickhouse
    )


def walk(commands: str, *, folder: Path) -> str:
    """Run them to the end; each must succeed."""
    outcome = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", commands],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TOUR_S,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stdout
    return outcome.stdout


@contextmanager
def running(data: Path) -> Iterator[Stack]:
    """`oncue up` on a free port, ended as by Ctrl-C."""
    port = ports.free_port()
    command = [sys.executable, "-m", "oncue", "up", "--port", str(port), "--data", str(data)]
    log = data.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=ENVIRONMENT, stdout=output, stderr=output, start_new_session=True
        )

    def is_well() -> bool:
        assert process.poll() is None, log.read_text()
        found = status.of(data)
        return found is not None and found.is_well

    try:
        eventually_now(is_well, within_s=START_S)
        yield Stack(api=f"http://127.0.0.1:{port}", clickhouse=address_of("clickhouse", data))
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        finally:
            process.kill()


def address_of(part: str, data: Path) -> str:
    found = status.of(data)
    assert found is not None
    return next(one.state.address for one in found.parts if one.state.name == part)
