"""A part of ours as a process of its own, so that it can be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.waiting import eventually_now

STOP_S: Final = 60


def freeze(pid: int) -> None:
    """Stop a process, and return once each of its threads stands: until then it may answer."""
    os.kill(pid, signal.SIGSTOP)
    eventually_now(lambda: set(_states(pid)) == {"T"})


def wake(pid: int) -> None:
    """Let it go on."""
    os.kill(pid, signal.SIGCONT)


def _states(pid: int) -> Iterator[str]:
    for task in Path(f"/proc/{pid}/task").iterdir():
        yield (task / "stat").read_text().rpartition(")")[2].split()[0]


class Part:
    """Started with `python -m MODULE` and settings by name."""

    def __init__(self, module: str, *, log: Path, **settings: str) -> None:
        self._command = [sys.executable, "-m", module]
        self._environ: Mapping[str, str] = os.environ | {
            f"ONCUE_{name.upper()}": value for name, value in settings.items()
        }
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return at once; what it says goes to the log."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environ, stdout=log, stderr=log
            )

    @property
    def said(self) -> str:
        """Its whole log, of all its runs."""
        return self._log.read_text()

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it with no chance to do anything."""
        self._signal(signal.SIGKILL)
        self.wait()

    def stop(self) -> int:
        """End it politely; the exit status."""
        self._signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """The exit status, once it ended by itself."""
        assert self._process is not None
        return self._process.wait(STOP_S)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)


@contextmanager
def running(part: Part) -> Iterator[Part]:
    """Run it, and leave nothing behind."""
    part.start()
    try:
        yield part
    finally:
        part.kill()
