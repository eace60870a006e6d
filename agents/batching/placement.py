"""Chunks of a partition follow each other without gap or overlap.

Between a fetch and an agent Faust drops records in more than one place, counting on a seek that
it may have done already; aiokafka has moved on by then. One such drop, seen when this was built:
`fetched_records` takes an empty set of partitions for "all", and Faust hands it a set that
another thread empties. Whatever the next cause: a chunk that does not begin where the last one
ended is fetched again. If it begins there again, the log itself has a hole, and that is its order.
"""

from collections.abc import Mapping, Sequence

from faust.types import TP

from agents.batching.chunks import LogRecord


class Placement:
    """Where each input partition goes on. `fetch` numbers what came in one response."""

    def __init__(self) -> None:
        self._expected: dict[TP, int] = {}
        self._rewound: dict[TP, tuple[int, int]] = {}

    def restart(self, positions: Mapping[TP, int]) -> None:
        """Expect these partitions only, from these offsets."""
        self._expected = dict(positions)
        self._rewound.clear()

    def place(self, tp: TP, records: Sequence[LogRecord], *, fetch: int) -> Sequence[LogRecord]:
        """Return what of `records` is to be delivered; see `rewind` when that is nothing."""
        expected = self._expected.get(tp)
        if expected is None:
            return records
        if records[0].offset > expected and not self._is_hole(tp, expected, fetch):
            self._rewound.setdefault(tp, (expected, fetch))
            return ()
        fresh = records
        if records[0].offset < expected:
            fresh = [record for record in records if record.offset >= expected]
        if fresh:
            self._expected[tp] = fresh[-1].offset + 1
            self._rewound.pop(tp, None)
        return fresh

    def rewind(self, tp: TP, *, fetch: int) -> int | None:
        """Where to fetch again, if a chunk of this fetch was out of place."""
        expected, since = self._rewound.get(tp, (0, -1))
        return expected if since == fetch else None

    def _is_hole(self, tp: TP, expected: int, fetch: int) -> bool:
        offset, since = self._rewound.get(tp, (-1, fetch))
        return offset == expected and since < fetch
