"""Chance out of a seed: the same seed draws the same morning, whatever machine it is drawn on."""

import random
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """Draws that a shop is made of."""

    def happens(self, share: float) -> bool:
        """Say yes in this share of cases."""
        return self.random() < share

    def between(self, least: float, most: float) -> float:
        """Draw from an even spread."""
        return least + (most - least) * self.random()

    def heavy_tailed(self, *, least: float, alpha: float, most: float) -> float:
        """Draw from a Pareto distribution: mostly small, sometimes very large, never above `most`.

        The smaller `alpha`, the heavier the tail; below 2 the variance has no bound of its own.
        """
        return min(most, least * self.paretovariate(alpha))

    def skewed(self, *, median: float, spread: float, most: float) -> float:
        """Draw from a log-normal distribution, as waiting times and prices are."""
        return min(most, median * self.lognormvariate(0, spread))

    def one_of(self, things: Sequence[T]) -> T:
        """Draw each alike."""
        return things[int(self.random() * len(things))]

    def token(self) -> str:
        """Draw 64 bits as a browser would for an id."""
        return f"{self.getrandbits(64):016x}"


class Ranked(Generic[T]):
    """Things by popularity: the n-th is drawn with weight 1 / (n + `flat`) ^ `steep` (Zipf)."""

    def __init__(self, things: Sequence[T], *, steep: float, flat: float = 0.0) -> None:
        self._things = things
        self._cumulated: list[float] = []
        total = 0.0
        for rank in range(1, len(things) + 1):
            total += (rank + flat) ** -steep
            self._cumulated.append(total)

    def draw(self, chance: Chance) -> T:
        """Draw one."""
        return chance.choices(self._things, cum_weights=self._cumulated)[0]
