"""How far each input partition is done.

Faust counts acknowledgements per message and commits over what looks like a gap; a stream
even acknowledges what it skips because a rebalance began. Here a chunk counts when the agent's
function has returned, and only if every chunk handed over before it has:

    handed over:  [0..1999] [2000..3999] [4000..5120]
    done:          yes       running      waiting           committable = 2000
"""

import time
from collections import defaultdict, deque
from collections.abc import Mapping

from faust.types import TP

from agents.errors import OutOfOrderError


class Deliveries:
    """Chunks between the fetch and the commit. Event loop only, one agent per topic."""

    def __init__(self) -> None:
        self._waiting: defaultdict[TP, deque[int]] = defaultdict(deque)
        self._running: dict[TP, float] = {}
        self._done: dict[TP, int] = {}
        self._start: dict[TP, int] = {}

    @property
    def running(self) -> dict[TP, float]:
        """Partitions whose chunk is in the agent's hands, with the monotonic second it began."""
        return self._running

    def hand_over(self, tp: TP, first_offset: int) -> None:
        """Note that a chunk is on its way to the agent."""
        self._waiting[tp].append(first_offset)

    def begin(self, tp: TP, first_offset: int) -> None:
        """The agent takes a chunk.

        Raises:
            OutOfOrderError: not the next one. Going on would be worse than stopping: the rows
                would note the later offset, and the replay of the dropped one would be ignored.
        """
        waiting = self._waiting[tp]
        if not waiting or waiting[0] != first_offset:
            raise OutOfOrderError(
                topic=tp.topic,
                partition=tp.partition,
                expected=waiting[0] if waiting else None,
                got=first_offset,
            )
        waiting.popleft()
        self._running[tp] = time.monotonic()

    def finish(self, tp: TP, last_offset: int) -> None:
        """The agent is done with the chunk it took: everything of it is durable."""
        del self._running[tp]
        self._done[tp] = last_offset + 1

    def abandon(self, tp: TP) -> None:
        """The agent was cancelled inside its chunk: it will be read again."""
        self._running.pop(tp, None)

    def committable(self, tp: TP) -> int | None:
        """The next offset to process, or None before the first chunk is done."""
        return self._done.get(tp)

    def position(self, tp: TP) -> int | None:
        """The next offset to process; None for a partition we were not given."""
        return self._done.get(tp, self._start.get(tp))

    @property
    def done(self) -> dict[TP, int]:
        """The next offset to process, of the partitions with something done."""
        return self._done

    def forget_waiting(self) -> None:
        """Drop what was handed over and not begun: the queues were emptied."""
        self._waiting.clear()

    def restart(self, positions: Mapping[TP, int]) -> None:
        """Begin again at `positions`, with these partitions only."""
        self._waiting.clear()
        self._done.clear()
        self._start = dict(positions)
