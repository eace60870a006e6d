"""One event, and everything it is judged under."""

from typing import NamedTuple

from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import Event
from engine.journeys.walks import Clock


class Moment(NamedTuple):
    """One event and everything it is judged under."""

    before: Customer
    event: Event
    definitions: Definitions
    now: int

    @property
    def clock(self) -> Clock:
        """Of the steps it leads to."""
        return Clock(now=self.now, at=self.event.occurred_at, cause=self.event.id)
