"""A rule, what is counted for it, and customers to ask it of."""

from typing import Any, Final

from engine.customer import Customer
from engine.definitions import counters
from engine.definitions.folded import Definitions
from engine.definitions.settings import Features, Settings
from engine.events import Event
from engine.judging import compiling
from engine.judging.leaves import Moment, Value
from engine.rules import reading
from engine.step import step

INTEREST_DAYS: Final = 20


def settings(zone: str) -> Settings:
    """With everything switched on that rules may ask."""
    features = Features(category_interest=True)
    return Settings(timezone=zone, features=features, interest_days=INTEREST_DAYS)


class Asked:
    """One rule in an installation; `customer` lives through what the test says."""

    def __init__(
        self,
        tree: dict[str, Any],
        *,
        zone: str = "UTC",
        segments: dict[str, dict[str, Any]] | None = None,
        customer: Customer | None = None,
    ) -> None:
        known = {name: reading.decoded(rule) for name, rule in (segments or {}).items()}
        self.compiled = compiling.compiled(reading.decoded(tree), segments=known, zone=zone)
        demands = counters.demanded({}, self.compiled.demands, offset=0, at=0)
        self.definitions = Definitions(
            settings=settings(zone), counters=counters.indexed({}, demands)
        )
        self.customer = customer or Customer(id="c")

    def after(self, *events: Event) -> "Asked":
        """Let these happen, each logged when it occurred."""
        for event in events:
            self.customer = step(self.customer, event, self.definitions, event.occurred_at).customer
        return self

    def moment(self, now: int) -> Moment:
        """The customer at an instant."""
        return Moment(self.customer, now, self.definitions)

    def holds(self, now: int) -> bool:
        """The verdict at an instant."""
        return self.compiled.holds(self.moment(now))

    def explained(self, now: int) -> dict[str, Value]:
        """What every node reads at an instant, by node."""
        return self.compiled.explained(self.moment(now)).operands

    def flips(self, now: int) -> int | None:
        """When time alone turns it round."""
        return self.compiled.next_flip_at(self.moment(now))
