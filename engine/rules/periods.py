"""What is wrong with a window: lengths, calendar units, days from one to another."""

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from engine import windows
from engine.errors import Flaw
from engine.rules import comparing, limits
from engine.rules.asking import Between, LastCalendar, Period


def flaws(window: Period | None) -> Iterator[Flaw]:
    """Paths begin at the node, which has it as `window`."""
    match window:
        case None:
            return
        case str():
            try:
                windows.parsed(window)
            except ValueError as error:
                yield Flaw(path="window", message=str(error))
        case LastCalendar(count=count, unit=unit):
            longest = limits.LAST_CALENDAR_MAX[unit]
            if not 1 <= count <= longest:
                yield Flaw(path="window.count", message=f"from 1 to {longest} for a {unit}")
        case Between(first=first, last=last):
            yield from _between_flaws(first, last)
        case _:
            assert_never(window)


def _between_flaws(first: str, last: str) -> Iterator[Flaw]:
    days = {"first": comparing.day(first), "last": comparing.day(last)}
    for name, day in days.items():
        if day is None:
            yield Flaw(path=f"window.{name}", message='a day like "2026-01-31"')
    if (days["first"] or date.min) > (days["last"] or date.max):
        yield Flaw(path="window.last", message="it lies before the first day")
