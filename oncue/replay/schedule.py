"""When an event of the file happens again.

file      t0 ────────── t ──────────────── last
replay    start ── start + (t - t0) / speed ── never after the moment it is sent
"""

import asyncio
import math
import time
from collections.abc import Callable

import msgspec

from oncue.replay.errors import WrongSpeedError


def checked_speed(speed: float) -> float:
    """Pass a speed on.

    Raises:
        WrongSpeedError: not a number above 0.
    """
    if not (math.isfinite(speed) and speed > 0):
        raise WrongSpeedError(f"speed {speed} is not above 0")
    return speed


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """Maps the file's time to ours, keeping its order."""

    first_at: int
    """Epoch ms of the file's earliest event."""
    start_at: int
    """Epoch ms that it becomes."""
    speed: float

    def offset_ms(self, at: int) -> int:
        """How long after the start; parts of a millisecond are cut off, so never too late."""
        return int((at - self.first_at) / self.speed)

    def moved(self, at: int) -> int:
        """The instant in our time, epoch ms."""
        return self.start_at + self.offset_ms(at)


class Pace:
    """A schedule that has started: it lets nobody past before the time."""

    def __init__(
        self, *, first_at: int, speed: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        # Our time is read before the clock starts: waiting then ends after the moment, not before.
        self.schedule = Schedule(first_at=first_at, start_at=int(time.time() * 1000), speed=speed)
        self._clock = clock
        self._started_s = clock()

    def elapsed_s(self) -> float:
        """Since the start, by a clock nobody sets."""
        return self._clock() - self._started_s

    def due_s(self, at: int) -> float:
        """When the event may be sent, in seconds since the start."""
        return self.schedule.offset_ms(at) / 1000

    async def until(self, due_s: float) -> None:
        """Wait for the moment, if it is still to come."""
        wait_s = due_s - self.elapsed_s()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
