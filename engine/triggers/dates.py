"""T42 to T44: days that come round, dates of things, dates of the calendar.

Each customer has a timer of their own, so who fires when is decided by the row alone: exact after
an outage, by the recipient's clock, and without a list of customers anywhere
(docs/decisions/0028).
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

import msgspec

from engine import traits
from engine.aggregates import documents
from engine.commands import Activated
from engine.conditions import evaluation
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.triggers.dates import AnniversaryComes, CalendarDate, DateComes
from engine.events import Event, Tracked
from engine.schedules import dates, delays, recurrence
from engine.schedules.dates import Occurrence
from engine.schedules.delays import Due
from engine.transactions import OrderPlaced, ReceiptIssued
from engine.triggers import dating
from engine.triggers.machines import (
    DAY_MS,
    Arm,
    Disarm,
    Fire,
    Keep,
    Machine,
    Outcome,
    Rung,
    Seen,
)

KEY_CHARS_MAX: Final = 200

DATES_MAX: Final = 10
"""Of one attribute: the first of a longer list."""


def _began(customer: Customer, trigger: AnniversaryComes) -> dict[str, date]:
    """The days of the attribute by the names of their timers."""
    said = traits.found(customer.attributes, trigger.params.field)
    if not isinstance(said, list):
        found = {"": said}
    else:
        found = {str(place): one for place, one in enumerate(said[:DATES_MAX])}
    days = {name: _day(one, trigger.params.child) for name, one in found.items()}
    return {name: day for name, day in days.items() if day is not None}


def _day(said: object, child: str | None) -> date | None:
    if isinstance(said, dict) and child is not None:
        said = traits.found(said, child)
    value = traits.dated(said) if isinstance(said, str) else None
    return (
        value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    )


def _anniversary(seen: Seen[AnniversaryComes]) -> Iterator[Outcome]:
    """T42."""
    was, now = _began(seen.before, seen.trigger), _began(seen.customer, seen.trigger)
    for name in sorted(was.keys() - now.keys()):
        yield Disarm(name)
    for name, day in now.items():
        if was.get(name) != day:
            found = _next(seen, name, day, after=seen.now)
            yield Disarm(name) if found is None else Arm(found.at, name=name)


def _next(
    asked: Seen[AnniversaryComes] | Rung[AnniversaryComes], name: str, day: date, *, after: int
) -> Occurrence | None:
    """Of a later year than it fired for last, whatever the date was then."""
    years = asked.note(name).times
    return dates.next_occurrence(
        asked.trigger.params.anniversary,
        day,
        after=after,
        zones=dating.zones(asked),
        done_year=years[-1] if years else 0,
    )


def _comes(rung: Rung[AnniversaryComes]) -> Document | None:
    day, found = _rung_for(rung)
    if day is None or found is None:
        return None
    return {
        "field": rung.trigger.params.field,
        "date": day.isoformat(),
        "year": found.year,
        "years": found.year - day.year,
    }


def _rung_for(rung: Rung[AnniversaryComes]) -> tuple[date | None, Occurrence | None]:
    """The day, and the occurrence that the timer was set for: clocks may have moved by a day."""
    day = _began(rung.customer, rung.trigger).get(rung.name)
    if day is None:
        return None, None
    found = _next(rung, rung.name, day, after=rung.due_at - DAY_MS)
    is_now = found is not None and found.at <= rung.due_at + DAY_MS
    return day, found if is_now else None


def _anniversary_again(rung: Rung[AnniversaryComes]) -> Iterator[Arm | Keep]:
    day, found = _rung_for(rung)
    if day is None:
        return
    after = rung.due_at
    done_year = 0
    if found is not None:
        yield Keep((found.year,), name=rung.name)
        after, done_year = max(found.at, after), found.year
    following = dates.next_occurrence(
        rung.trigger.params.anniversary,
        day,
        after=after,
        zones=dating.zones(rung),
        done_year=done_year,
    )
    if following is not None:
        yield Arm(following.at, name=rung.name)


def _date(seen: Seen[DateComes]) -> Iterator[Outcome]:
    """T43."""
    params, event = seen.trigger.params, seen.event
    if params.object == "client":
        path = params.field
        was, now = (traits.found(one.attributes, path) for one in (seen.before, seen.customer))
        if was != now:
            yield from _set(seen, "", now)
        return
    document = _object(event, seen.trigger)
    if document is None:
        return
    name, told = document
    yield from _set(seen, name, evaluation.found(told, params.field.split(".")))


def _object(event: Event, trigger: DateComes) -> tuple[str, Document] | None:
    """What an event is about, and its fields."""
    params = trigger.params
    match event:
        case OrderPlaced(order_id=order_id) if params.object == "order":
            return order_id, msgspec.to_builtins(event)
        case ReceiptIssued(receipt_id=receipt_id) if params.object == "receipt":
            return receipt_id, msgspec.to_builtins(event)
        case Tracked() if params.object == "event":
            if (params.event or "").strip().casefold() not in documents.names(event):
                return None
            told = documents.of_event(event)
            return _key(evaluation.found(told, params.key.split("."))), told
        case _:
            return None


def _key(value: object) -> str:
    """What tells one object from another; all without it are one."""
    return str(value)[:KEY_CHARS_MAX] if isinstance(value, str | int) else ""


def _set(seen: Seen[DateComes], name: str, value: object) -> Iterator[Outcome]:
    params = seen.trigger.params
    due = delays.resolve(
        params.delay, now=seen.now, zones=dating.zones(seen), value=traits.dated(value)
    )
    is_ahead = isinstance(due, Due) and due.at > seen.now
    if due.at is not None and (is_ahead or isinstance(seen.event, Activated)):
        yield Arm(due.at, name=name)
        return
    yield Disarm(name)
    is_new = due.at is not None and due.at not in seen.note(name).times
    if params.past_policy == "fire_now" and due.at is not None and is_new:
        yield Keep((due.at,), name=name)
        yield Fire()


def _date_came(rung: Rung[DateComes]) -> Document | None:
    params = rung.trigger.params
    return {"object": params.object, "id": rung.name, "field": params.field, "due_at": rung.due_at}


def _date_again(rung: Rung[DateComes]) -> Iterator[Keep]:
    """So that a date which is told once more is not fired again."""
    if rung.trigger.params.past_policy == "fire_now":
        yield Keep((rung.due_at,), name=rung.name)


def _calendar(seen: Seen[CalendarDate]) -> Iterator[Outcome]:
    """T44: whoever is heard of first, or was there when it began."""
    is_known = bool(seen.note().times)
    if is_known and not isinstance(seen.event, Activated):
        return
    if not is_known:
        yield Keep((seen.now,))
    found = _occurrence(seen, after=seen.now)
    if found is not None:
        yield Arm(found)


def _occurrence(asked: Seen[CalendarDate] | Rung[CalendarDate], *, after: int) -> int | None:
    schedule = asked.trigger.params.recurrence
    return recurrence.next_occurrence(schedule, after=after, zones=dating.zones(asked))


def _date_of_calendar(rung: Rung[CalendarDate]) -> Document | None:
    """The latest that is due: after an outage one run at most."""
    times = rung.note().times
    at = recurrence.due(
        rung.trigger.params.recurrence,
        after=times[-1] if times else rung.due_at - 1,
        now=rung.now,
        zones=dating.zones(rung),
    )
    return None if at is None else {"at": at}


def _calendar_again(rung: Rung[CalendarDate]) -> Iterator[Arm | Keep]:
    yield Keep((rung.now,))
    found = _occurrence(rung, after=rung.now)
    if found is not None:
        yield Arm(found)


ANNIVERSARY: Final = Machine(_anniversary, _comes, again=_anniversary_again)
DATE: Final = Machine(_date, _date_came, again=_date_again)
CALENDAR: Final = Machine(_calendar, _date_of_calendar, again=_calendar_again)
