"""Ports on loopback for the parts.

All lie below 32768: above, the kernel gives ports to outgoing connections, and a server can find
its own in use by a client. A port that was found free is promised by a lock until the run ends:
its server binds it a moment later, and another run may be choosing its own just then.
"""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from oncue.up.errors import PortTakenError, PortWrongError, UpError

HOST: Final = "127.0.0.1"
FIRST: Final = 20_000
LAST: Final = 32_767
HIGHEST: Final = 65_535
TRIES: Final = 200


class Promises(ExitStack):
    """The ports of one run: nobody else's who asks here, until it is closed."""

    def require(self, port: int, *, option: str) -> int:
        """Promise the port that a person asked for.

        Raises:
            PortWrongError: there is no such port.
            PortTakenError: somebody listens there or soon will; `option` says how to choose
                another.
        """
        if not 0 < port <= HIGHEST:
            raise PortWrongError(port, option=option)
        if not self._promise(port):
            raise PortTakenError(port, option=option)
        return port

    def pick(self, preferred: Sequence[int]) -> int:
        """Promise the first preferred port that is free, else any."""
        candidates = [*preferred, *random.sample(range(FIRST, LAST + 1), TRIES)]
        for port in candidates:
            if self._promise(port):
                return port
        raise UpError(f"no free port among {TRIES} tried in {FIRST}-{LAST}")

    def _promise(self, port: int) -> bool:
        """Lock, then look: two that look at once must not both find it free."""
        lock = (_folder() / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        if not is_free(port):
            lock.close()
            return False
        self.enter_context(lock)
        return True


def _folder() -> Path:
    """One per person: nobody else may write there, and the lock of a dead process is gone."""
    folder = Path(tempfile.gettempdir()) / f"oncue-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def is_free(port: int) -> bool:
    """Try to bind it, as a server would: connections that linger from the last run do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
