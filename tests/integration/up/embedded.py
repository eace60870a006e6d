"""The embedded ClickHouse as a process of the tests."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import clickhouse_connect
import httpx
from clickhouse_connect.driver.client import Client

from tests.support.ports import free_port
from tests.support.waiting import eventually_now


class EmbeddedClickHouse:
    """Started with `python -m oncue.up.clickhouse`, as the supervisor does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        command = [sys.executable, "-m", "oncue.up.clickhouse"]
        arguments = ["--path", str(self.path), "--port", str(self.port)]
        self._process = subprocess.Popen([*command, *arguments])
        eventually_now(self._answers, within_s=30)

    def client(self, *, database: str | None = None, compress: str = "lz4") -> Client:
        """A client of its own, the ordinary one."""
        return clickhouse_connect.get_client(
            host="127.0.0.1", port=self.port, database=database, compress=compress
        )

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it politely; the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            os.kill(self._process.pid, how)
        return self._process.wait(timeout=30)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "the server ended"
        try:
            return httpx.get(f"{self.url}/ping").is_success
        except httpx.TransportError:
            return False
