"""The whole stack as a person starts it: `python -m oncue up`, a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import psutil

from oncue.up.supervisor import runs
from oncue.up.supervisor.runs import PartState, RunState
from tests.support import ports
from tests.support.waiting import eventually_now

READY_S: Final = 150
"""Far above what it takes: other tests run beside it."""
STOP_S: Final = 10
KILLED_S: Final = 30
"""Without a broker, who is in a consumer group cannot leave it, and is killed in the end."""
TIMEOUT_S: Final = 15
LAST_LINES: Final = 15
READY: Final = "Ctrl-C ends all"
"""The end of the last line that it prints when everything is ready."""


class Stack:
    """A run that may be started, hurt and ended; it knows every process it ever had."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port = ports.free_port()
        self._log = folder / "up.log"
        self._options: dict[str, str] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: set[psutil.Process] = set()

    def start(self, **options: str) -> None:
        """Return at once; options by name, without the dashes."""
        self._options = options
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "oncue", *self.arguments(**options)],
                stdout=log,
                stderr=log,
                env=environment(),
            )

    def arguments(self, **options: str) -> list[str]:
        """What a person types after `oncue`."""
        known = {"port": str(self.port), "data": str(self.data)} | options
        return ["up", *(part for name, value in known.items() for part in (f"--{name}", value))]

    def until_ready(self) -> None:
        """Wait for the table and for /health/ready; say how long it took.

        Raises:
            AssertionError: it ended, or is not ready in time; with the parts' last lines.
        """
        began_s = time.monotonic()
        try:
            eventually_now(self._is_ready, within_s=READY_S)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.last_words()}") from error
        self.remember()
        print(f"ready after {time.monotonic() - began_s:.1f} s")  # noqa: T201  a measurement

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; the exit code. Says how long it took."""
        began_s = time.monotonic()
        self.remember()
        assert self._process is not None
        self._process.send_signal(number)
        code = self._process.wait(STOP_S)
        print(f"{number.name}: ended after {time.monotonic() - began_s:.1f} s")  # noqa: T201
        return code

    def until_ended(self, *, within_s: float) -> int:
        """Wait for an end that came by itself; the exit code."""
        assert self._process is not None
        return self._process.wait(within_s)

    def close(self) -> None:
        """End whatever is left.

        Raises:
            AssertionError: a process outlived the supervisor; it is killed first.
        """
        if self._process is not None and self._process.poll() is None:
            self.remember()
            self._process.terminate()
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        left = [(process.pid, process.cmdline()) for process in self.left()]
        for process in self.left():
            process.kill()
        assert not left, f"outlived `oncue up`: {left}"

    def remember(self) -> None:
        """Note the processes that run now, for `left`."""
        with suppress(psutil.NoSuchProcess):
            self._seen.update(self.processes()[1:])

    def processes(self) -> list[psutil.Process]:
        """The supervisor, and what it started."""
        assert self._process is not None
        supervisor = psutil.Process(self._process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def left(self) -> list[psutil.Process]:
        """Those of its processes that still run."""
        return [
            process
            for process in self._seen
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        ]

    @property
    def said(self) -> str:
        """Everything that it printed."""
        return self._log.read_text()

    @property
    def state(self) -> RunState:
        """What `oncue.json` says."""
        state = runs.read(self.data)
        assert state is not None
        return state

    def part(self, name: str) -> PartState:
        """What `oncue.json` says of a part."""
        return next(part for part in self.state.parts if part.name == name)

    def kill(self, name: str) -> int:
        """Kill -9 a part; the pid it had."""
        self.remember()
        pid = self.part(name).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        return pid

    def is_back(self, name: str, killed_pid: int) -> bool:
        """Whether another process of a part is ready."""
        part = self.part(name)
        return part.phase == "ready" and part.pid != killed_pid

    def until_back(self, name: str, killed_pid: int) -> None:
        """Wait for that.

        Raises:
            AssertionError: it is not, in time.
        """
        eventually_now(lambda: self.is_back(name, killed_pid), within_s=READY_S)
        self.remember()

    @property
    def url(self) -> str:
        """Of page, API and collector."""
        return self.part("api").address

    @property
    def broker(self) -> str:
        """HOST:PORT."""
        return self._options.get("broker") or self.part("broker").address.split()[0]

    @property
    def redis(self) -> str:
        """As a URL."""
        return self._options.get("redis") or self.part("valkey").address

    @property
    def clickhouse_url(self) -> str:
        """Of ClickHouse's HTTP interface."""
        return self._options.get("clickhouse") or self.part("clickhouse").address

    def key(self, name: str) -> str:
        """`write_key`, `secret_key` or `admin_token`."""
        return self.state.keys[name]

    def last_words(self) -> str:
        """What it said, and the last lines of every part."""
        words = [self.said if self._log.exists() else ""]
        for log in sorted(self.data.glob("runs/*/logs/*.log")):
            lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
            words += [f"--- {log.name}", *lines]
        return "\n".join(words)

    def _is_ready(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"ended with exit code {self._process.returncode}")
        if READY not in self.said:
            return False
        return httpx.get(f"{self.url}/health/ready", timeout=TIMEOUT_S).is_success


@contextmanager
def closing(folder: Path) -> Iterator[Stack]:
    """Have a stack that leaves nothing behind, whatever a test does to it."""
    stack = Stack(folder)
    try:
        yield stack
    finally:
        stack.close()


@contextmanager
def running(folder: Path, **options: str) -> Iterator[Stack]:
    """Run one that is ready."""
    with closing(folder) as stack:
        stack.start(**options)
        stack.until_ready()
        yield stack


@contextmanager
def listening() -> Iterator[int]:
    """Take a port of this machine; that port."""
    with socket.create_server(("127.0.0.1", ports.free_port())) as server:
        yield int(server.getsockname()[1])


def oncue(*arguments: str, within_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, which comes in time; `stdout` has all that it said."""
    return subprocess.run(
        [sys.executable, "-m", "oncue", *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within_s,
        check=False,
    )


def environment() -> dict[str, str]:
    """No settings of ours but the defaults; lines as long as they are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ONCUE_")}
    return kept | {"COLUMNS": "200"}
