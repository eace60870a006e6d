"""The balance of points, as of an instant."""

from engine import points
from engine.customer import Customer


def values(customer: Customer, now: int) -> dict[str, int]:
    """What can be spent; 0 for whoever never had any."""
    return {"points_balance": points.balance(customer.points, now=now)}
