"""A ClickHouse for the tests: the embedded one, as a process that can be killed."""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support import ports
from tests.support.waiting import eventually_now

START_S: Final = 30
STOP_S: Final = 20


class ClickHouse:
    """Started with `python -m oncue.up.clickhouse`, as the supervisor does; keeps its port."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.port = ports.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        command = [sys.executable, "-m", "oncue.up.clickhouse"]
        self._process = subprocess.Popen(
            [*command, "--path", str(self.path), "--port", str(self.port)]
        )
        eventually_now(self._answers, within_s=START_S)

    def stop(self) -> None:
        """End it politely, if it runs."""
        self._end(lambda process: process.terminate())

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        self._end(lambda process: process.kill())

    def _end(self, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
        process, self._process = self._process, None
        if process is not None:
            how(process)
            process.wait(STOP_S)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "ClickHouse ended"
        try:
            with urllib.request.urlopen(f"{self.url}/ping", timeout=1) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False


@contextmanager
def running(path: Path) -> Iterator[ClickHouse]:
    """Run one that keeps its data in `path`."""
    server = ClickHouse(path)
    server.start()
    try:
        yield server
    finally:
        server.stop()
