"""What a replay has done so far: written by the sender, read by the progress bar."""

import msgspec


class Tally(msgspec.Struct, kw_only=True):
    """Counts of events, and what is late."""

    total_count: int
    sent_count: int = 0
    """Answered with 200: stored, or rejected one by one."""
    rejected_count: int = 0
    """Among those sent."""
    refused_count: int = 0
    """In batches the collector would not take at all."""
    retries_count: int = 0
    waiting_due_s: float | None = None
    """When the oldest event not yet answered was due, in seconds since the start."""
    problem: str = ""
    """The last answer that was not what we hoped for."""

    def lag_s(self, elapsed_s: float) -> float:
        """How far the collector is behind the schedule."""
        return 0.0 if self.waiting_due_s is None else max(0.0, elapsed_s - self.waiting_due_s)

    @property
    def missing_count(self) -> int:
        """Never answered."""
        return self.total_count - self.sent_count - self.refused_count

    @property
    def is_whole(self) -> bool:
        """Every event was stored."""
        return not (self.missing_count or self.rejected_count or self.refused_count)
