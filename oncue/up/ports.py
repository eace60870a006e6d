"""Ports on loopback for the parts.

All lie below 32768: above, the kernel gives ports to outgoing connections, and a server can find
its own in use by a client.
"""

import random
import socket
from collections.abc import Collection, Sequence
from typing import Final

from oncue.up.errors import PortTakenError, PortWrongError, UpError

HOST: Final = "127.0.0.1"
FIRST: Final = 20_000
LAST: Final = 32_767
HIGHEST: Final = 65_535
TRIES: Final = 200


def require(port: int, *, option: str) -> int:
    """Return the port that a person asked for.

    Raises:
        PortWrongError: there is no such port.
        PortTakenError: somebody listens there; `option` says how to choose another.
    """
    if not 0 < port <= HIGHEST:
        raise PortWrongError(port, option=option)
    if not is_free(port):
        raise PortTakenError(port, option=option)
    return port


def pick(preferred: Sequence[int], *, avoid: Collection[int] = ()) -> int:
    """Take the first preferred port that is free, else any; `avoid` are those promised already."""
    candidates = [*preferred, *random.sample(range(FIRST, LAST + 1), TRIES)]
    for port in candidates:
        if port not in avoid and is_free(port):
            return port
    raise UpError(f"no free port among {TRIES} tried in {FIRST}-{LAST}")


def is_free(port: int) -> bool:
    """Try to bind it, as a server would: connections that linger from the last run do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
