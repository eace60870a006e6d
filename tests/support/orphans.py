"""No server outlives the tests that started it, however they end."""

import subprocess
from typing import Final

WATCH: Final = """
while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do sleep 1; done
kill "$2" 2>/dev/null
"""

_watching: Final[list[subprocess.Popen[bytes]]] = []
"""Kept, because a process object that is collected warns while its process runs."""


def end_with(*, owner_pid: int, server_pid: int) -> None:
    """End the server when its owner is gone, killed too; a fixture still ends it in time."""
    _watching.append(
        subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "watch", str(owner_pid), str(server_pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    )
