"""One running process of a part: its own session, its log, its end."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from pathlib import Path
from typing import Final

from oncue.up.supervisor import launch
from oncue.up.supervisor.parts import Part

LAUNCHER: Final = Path(launch.__file__)
LAST_LINES: Final = 8


class Child:
    """A process, alive or ended."""

    def __init__(self, part: Part, process: asyncio.subprocess.Process) -> None:
        self.part = part
        self._process = process

    @property
    def pid(self) -> int:
        """The process; also its group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Not waited for: the event loop does that."""
        return self._process.returncode is None

    @property
    def how_ended(self) -> str:
        """For people."""
        code = self._process.returncode
        if code is not None and code < 0:
            return f"was killed by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"

    async def ended(self) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        return await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it to the whole group; nothing happens to one that has ended."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


async def start(part: Part, *, log: Path) -> Child:
    """Start a part's process; its output goes to the end of `log`.

    Its own session keeps the terminal's Ctrl-C away from it: the order in which parts end is ours.
    """
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), *part.command),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **part.environment},
        )
    return Child(part, process)


def last_lines(log: Path) -> list[str]:
    """Read the end of a log, for a message."""
    try:
        with log.open(errors="replace") as lines:
            return [line.rstrip() for line in deque(lines, maxlen=LAST_LINES)]
    except FileNotFoundError:
        return []
