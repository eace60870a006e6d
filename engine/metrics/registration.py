"""When the customer registered: the trait `createdAt`, as trackers and back offices send it."""

from engine.customer import Customer
from engine.metrics import ages


def values(customer: Customer, now: int) -> dict[str, int | None]:
    """Days since registration; None for whoever never said when."""
    return {"days_since_registration": ages.days_since(customer.registered_at, now)}
