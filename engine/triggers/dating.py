"""When a trigger of days is due: by length, or at a time of day on clocks."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

from engine import clocks
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.definitions.triggers.base import BaseTrigger, ClockParams
from engine.schedules import local
from engine.schedules.local import Zones
from engine.triggers.machines import DAY_MS, Arm, Rung, Seen

T = TypeVar("T", bound=BaseTrigger)


def zones(asked: Seen[T] | Rung[T]) -> Zones:
    """The clocks of the customer and the company."""
    return zones_of(asked.customer, asked.definitions)


def zones_of(customer: Customer, definitions: Definitions) -> Zones:
    """As `zones`."""
    return clocks.zones(customer, company=definitions.settings.timezone)


def due(params: ClockParams, since: int, *, days: int, zones: Zones) -> int:
    """So many days after an instant, epoch ms; with a time of day, on that day.

    Args:
        days: negative for before.
    """
    if params.at_time is None or since not in local.INSTANTS:
        return since + days * DAY_MS
    zone = zones.chosen(params.tz)
    day = local.wall(since, zone).date() + timedelta(days=days)
    return local.on_day(day, local.parse_time(params.at_time), zone)


def first(instants: Iterable[int], *, after: int) -> int | None:
    """The first that is still to come."""
    return min((at for at in instants if at > after), default=None)


def put_back(rung: Rung[T], due_at: int) -> Iterator[Arm]:
    """Look again when the customer's clock was put back since the timer was set."""
    if rung.due_at < due_at <= rung.due_at + DAY_MS:
        yield Arm(due_at)
