"""How long a run waits at a delay, by the customer's clock and dates."""

from datetime import date

from engine import clocks, traits
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.steps import DelayStep
from engine.journeys.walks import Walk
from engine.schedules import delays
from engine.schedules.delays import Resolved
from engine.schedules.local import Zones


def resolve(walk: Walk, step: DelayStep) -> Resolved:
    """Say when the delay is over."""
    value = None if step.date is None else dated(walk.customer, step.date)
    return delays.resolve(
        step, now=walk.clock.at, zones=zones(walk.customer, walk.definitions), value=value
    )


def zones(customer: Customer, definitions: Definitions) -> Zones:
    """The clocks there are to go by."""
    return clocks.zones(customer, company=definitions.settings.timezone)


def dated(customer: Customer, path: str) -> date | int | None:
    """An attribute as a day, or as an instant in epoch ms; None where it is neither."""
    return traits.dated(traits.found(customer.attributes, path))
