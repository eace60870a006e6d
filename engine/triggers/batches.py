"""T49: fires by nothing a customer does; `engine.journeys.enrolling` lets them in."""

from collections.abc import Iterator
from typing import Final

from engine.definitions.triggers.batches import AudienceBatch
from engine.triggers.machines import Machine, Outcome, Seen


def _nothing(_seen: Seen[AudienceBatch]) -> Iterator[Outcome]:
    yield from ()


BATCH: Final = Machine(_nothing)
