"""A count that shrinks with its window: what it comes to at any instant, and when it sinks.

    buckets, the oldest first     b-5   b-3   b-1   b
    what each counts               2     1     4    1        8 in all
    gone, once it has left         2     3     7    8        left: all less gone

Added up once, it answers any number of rules by bisection, each with another threshold.
"""

from bisect import bisect_right
from typing import NamedTuple

from engine.aggregates.tallies import Measure, Tally


class Fading(NamedTuple):
    """Of one tally of counts or distinct values; the same at every instant."""

    measure: Measure
    buckets: list[int]
    """Ascending, each once."""
    gone: list[int]
    """How many have left once the bucket at that place has."""
    total: int
    """With what has left and still stands in the row."""

    def count(self, now: int) -> int:
        """As `tallies.value` has it, at an instant in epoch ms."""
        left = bisect_right(self.buckets, self.measure.last_outside(now))
        return self.total - self.gone[left - 1] if left else self.total

    def below_at(self, count: int) -> int | None:
        """From when on, epoch ms, fewer than so many are left; None: never, or always were.

        Args:
            count: 1 at least.
        """
        window = self.measure.window
        if window is None or self.total < count:
            return None
        place = bisect_right(self.gone, self.total - count)
        return window.leaves_at(self.buckets[place])


def of(tally: Tally, measure: Measure) -> Fading:
    """Add up a tally."""
    counts: dict[int, int] = {}
    if measure.aggregate == "distinct":
        # A value counts as long as the last bucket that it was seen in.
        last = {cell.tie: cell.bucket for cell in tally.cells if cell.count}
        for bucket in sorted(last.values()):
            counts[bucket] = counts.get(bucket, 0) + 1
    else:
        for cell in tally.cells:
            if cell.count:
                counts[cell.bucket] = counts.get(cell.bucket, 0) + cell.count
    gone, total = [], 0
    for count in counts.values():
        total += count
        gone.append(total)
    return Fading(measure, list(counts), gone, total)
