"""T49: by hand, for everybody that a rule, a segment or a list selects."""

from collections.abc import Iterator
from typing import Final

from engine.definitions.triggers.base import BaseTrigger, Params
from engine.errors import Flaw

RATE_MAX: Final = 10_000
"""Entries a second: what one worker process takes beside the events of a shop."""

WAVES_MAX: Final = 100


class BatchParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Whom a start is for that names nobody, and its pace unless it says another."""

    segment: str | None = None
    tag: str | None = None
    """Of a target audience: a list that was frozen."""
    rate: int = 0
    """Entries a second; 0: as fast as they are taken."""
    waves: int = 1
    """Parts of equal size, by a stable hash; the next begins `wave_every` after the one before."""
    wave_every: str = "1h"
    deadline: str = "24h"
    """After the start; who has not entered by then does not."""

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "wave_every", self.wave_every
        yield "deadline", self.deadline

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        if self.segment is not None and self.tag is not None:
            yield Flaw(path="tag", message="a segment or a tag, not both")
        yield from pace_flaws(rate=self.rate, waves=self.waves)


def pace_flaws(*, rate: int, waves: int) -> Iterator[Flaw]:
    """What is wrong with a pace."""
    if not 0 <= rate <= RATE_MAX:
        yield Flaw(path="rate", message=f"from 1 to {RATE_MAX} a second, 0 for no limit")
    if not 1 <= waves <= WAVES_MAX:
        yield Flaw(path="waves", message=f"from 1 to {WAVES_MAX}")


class AudienceBatch(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T49"):
    """Somebody starts it; a job puts each customer in, once."""

    params: BatchParams = BatchParams()
