"""When of the day a customer is there: the hours of their own clock at which they answered us."""

from collections.abc import Sequence
from typing import Final

import msgspec

from engine import clocks
from engine.customer import Customer
from engine.events import Responded
from engine.schedules import local
from engine.schedules.local import Zones

HOURS: Final = 24

ANSWERS_MIN: Final = 3
"""Fewer say nothing about a habit."""

_ANSWERS: Final = frozenset({"opened", "clicked"})


def heard(customer: Customer, event: Responded, *, company: str) -> Customer:
    """Count a human's opening or click at the hour that the customer's clock shows."""
    if event.response not in _ANSWERS or event.is_machine:
        return customer
    known = clocks.timezone(customer)
    zone = Zones(None if known is None else known[0], company).chosen("recipient")
    hour = local.wall(event.occurred_at, zone).hour
    counts = list(customer.active_hours or (0,) * HOURS)
    counts[hour] += 1
    return msgspec.structs.replace(customer, active_hours=tuple(counts))


def best_hour(counts: Sequence[int]) -> int | None:
    """The hour with the most answers, of several the earliest; None: too few to tell."""
    if sum(counts) < ANSWERS_MIN:
        return None
    return max(range(HOURS), key=lambda hour: (counts[hour], -hour))


def merged(survivor: Sequence[int], joined: Sequence[int]) -> tuple[int, ...]:
    """The answers of both."""
    if not survivor or not joined:
        return tuple(survivor or joined)
    return tuple(mine + theirs for mine, theirs in zip(survivor, joined, strict=True))
