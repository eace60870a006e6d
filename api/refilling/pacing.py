"""Long work of the api process, done in slices between which everybody else is served."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

SLICE_S: Final = 0.005
"""A request that comes in the middle of one waits no longer than that."""


class Pace:
    """Works for a slice, and rests as long: half a core at most, and none while it rests."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._began = clock()

    @property
    def is_over(self) -> bool:
        """Whether the slice is used up: it is time to `rest`."""
        return self._clock() - self._began >= SLICE_S

    async def rest(self) -> None:
        """Let the others have as long."""
        await asyncio.sleep(SLICE_S)
        self._began = self._clock()
