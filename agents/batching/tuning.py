"""How a consumer group behaves in time."""

from typing import Final

import msgspec

CLUSTER_SESSION_S: Final = 30
"""What Kafka's own clients take at least; the embedded broker would hold a join for half of it."""


class Tuning(msgspec.Struct, frozen=True, kw_only=True):
    """For the embedded broker; on a cluster take a session of 30 s and waits of 100 ms."""

    max_batch: int = 2000
    """Records per chunk, at most."""
    fetch_max_wait_ms: int = 10
    """How long the broker may hold an empty fetch: a bound of the latency on the embedded one.

    Apache Kafka answers at once when something arrives (p50 of 5 ms with 10 and with 100), and an
    idle worker and its broker cost 26 % of a core with 10, 10 % with 100."""
    commit_interval_s: float = 1.0
    """How much is replayed after a crash."""
    session_timeout_s: float = 6.0
    """How long a dead worker keeps its partitions. The embedded broker also holds each join for
    half of it."""
    rebalance_timeout_s: float = 10.0
    """How long the others wait for a worker's running chunk."""
    instance_id: str | None = None
    """Static membership: unique in the group and the same after a restart."""

    @classmethod
    def of(cls, session_timeout_s: float, *, max_batch: int = 2000) -> "Tuning":
        """For a session time-out: from 30 s on it is a cluster's."""
        if session_timeout_s < CLUSTER_SESSION_S:
            return cls(session_timeout_s=session_timeout_s, max_batch=max_batch)
        return cls(
            session_timeout_s=session_timeout_s,
            rebalance_timeout_s=session_timeout_s,
            fetch_max_wait_ms=100,
            max_batch=max_batch,
        )

    @property
    def message_timeout_ms(self) -> int:
        """How long our producer may try: it gives up, and we die, before the session ends.

        A record appended by a zombie would come behind its replay.
        """
        return int(self.session_timeout_s * 1000 * 5 / 6)

    @property
    def heartbeat_interval_s(self) -> float:
        """A third of the session: two may be lost."""
        return self.session_timeout_s / 3

    @property
    def starting_stall_s(self) -> float:
        """When joining is given up: a dead member may hold it for a session and a rebalance."""
        return 60 + self.session_timeout_s + self.rebalance_timeout_s

    @property
    def drain_timeout_s(self) -> float:
        """When a running chunk becomes a crash: before the others stop waiting."""
        return 0.8 * self.rebalance_timeout_s
