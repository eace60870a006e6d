"""Processes that everybody takes for dead, and that in truth were only paused."""

from random import Random
from typing import Final

from tests.support.simulation.world import Process

RATIO: Final = 0.5
"""Of crashed workers and deliveries."""

STEPS_MAX: Final = 60
"""A zombie's last ones, before it notices or really dies."""

TURN_RATIO: Final = 0.05
"""How often it comes to its turn, beside everybody else's."""


class Zombies:
    """They go on now and then, until their last step."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._left: list[tuple[Process, int]] = []

    def __bool__(self) -> bool:
        """Whether any is left."""
        return bool(self._left)

    def end(self, process: Process) -> None:
        """A crash; by chance the process lives on."""
        if self._rng.random() < RATIO:
            self._left.append((process, self._rng.randint(1, STEPS_MAX)))
        else:
            process.close()

    def step(self) -> None:
        """Give each its chance of a turn."""
        left = []
        for process, steps in self._left:
            is_turn = self._rng.random() < TURN_RATIO
            has_ended = is_turn and next(process, "ended") == "ended"
            if steps > is_turn and not has_ended:
                left.append((process, steps - is_turn))
            else:
                process.close()
        self._left = left
