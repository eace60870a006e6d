"""Ports for servers that a test starts."""

import random
import socket
from typing import Final

FIRST: Final = 20_000
LAST: Final = 32_767
"""Above are the ports that outgoing connections take for themselves: a server there may lose its
own port to a client."""


def free_port() -> int:
    """Find a port nobody listens on; somebody else may still take it before you do."""
    for port in random.sample(range(FIRST, LAST + 1), 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port among 100 tried in {FIRST}-{LAST}")
