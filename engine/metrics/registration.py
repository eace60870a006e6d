"""When the customer registered: the trait `createdAt`, as trackers and back offices send it."""

from datetime import UTC, datetime
from typing import Final

from engine.customer import Customer
from engine.metrics import ages

TRAITS: Final = ("createdAt", "created_at")
"""Segment's reserved trait, and how Rails and its like write it."""

_SECONDS_MAX: Final = 100_000_000_000
"""A number below it counts seconds (year 5138), one above it milliseconds (from 1973)."""


def values(customer: Customer, now: int) -> dict[str, int | None]:
    """Days since registration; None for whoever never said when."""
    return {"days_since_registration": ages.days_since(registered_at(customer), now)}


def registered_at(customer: Customer) -> int | None:
    """Epoch ms of the first of `TRAITS` that is a time: ISO 8601, UTC without offset, or epoch."""
    for trait in TRAITS:
        at = _instant(customer.attributes.get(trait))
        if at is not None:
            return at
    return None


def _instant(value: object) -> int | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value if abs(value) >= _SECONDS_MAX else value * 1000)
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return int(at.timestamp() * 1000)
