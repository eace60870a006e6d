"""One event, and everything it is judged under."""

from typing import NamedTuple

from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import Event
from engine.journeys.walks import Clock
from engine.segments.members import Times


class Moment(NamedTuple):
    """One event and everything it is judged under."""

    before: Customer
    event: Event
    definitions: Definitions
    now: int
    caused_at: int | None = None
    """Epoch ms of what it is about, where that is not the event."""

    @property
    def times(self) -> Times:
        """For segments."""
        return Times(self.event, self.definitions, self.now)

    @property
    def clock(self) -> Clock:
        """Of the steps it leads to."""
        at = self.event.occurred_at if self.caused_at is None else self.caused_at
        return Clock(now=self.now, at=at, cause=self.event.id)
