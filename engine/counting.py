"""The metrics that marketers define, kept in the row: an event meets only those it can change."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from engine.aggregates import contributions, documents, shares, tallies
from engine.aggregates.tallies import Cell, Tally, Value
from engine.conditions import evaluation
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.counters import ANY, Counter, Counters
from engine.events import Event, SourceEvent


class _Counted(NamedTuple):
    """What happened, as every metric of it sees it."""

    document: Document
    at: int
    event_id: str
    key: str = ""


def count(customer: Customer, event: Event, counters: Counters, *, now: int) -> Customer:
    """Add what the event adds to each metric that it can change."""
    if not counters.by_event or not isinstance(event, SourceEvent):
        return customer
    met = matching(event, counters)
    if not met:
        return customer
    document = documents.of_event(event) if any(map(_needs_document, met)) else {}
    counted = _Counted(document, event.occurred_at, event.id)
    return _tallied(customer, met, counted, counters, now=now)


def matching(event: SourceEvent, counters: Counters) -> tuple[Counter, ...]:
    """The metrics of events of this name, and of every event."""
    index = counters.by_event
    found = index.get(ANY, ())
    for name in documents.names(event):
        found += index.get(name, ())
    return found


def values(customer: Customer, counters: Counters, *, now: int) -> dict[str, Value]:
    """What every metric comes to at `now`; one that never counted anything comes to that."""
    return {name: value(customer, counter, now=now) for name, counter in counters.by_id.items()}


def value(customer: Customer, counter: Counter, *, now: int) -> Value:
    """What one metric comes to at `now`."""
    tally = _tally(customer.tallies, counter)
    return tallies.value(tally, last_outside=counter.measure.last_outside(now))


def _needs_document(counter: Counter) -> bool:
    return counter.condition is not None or counter.keys is not None


def _tallied(
    customer: Customer,
    met: Sequence[Counter],
    counted: _Counted,
    counters: Counters,
    *,
    now: int,
) -> Customer:
    changed: dict[str, Tally] = {}
    for counter in met:
        before = _tally(customer.tallies, counter)
        after = _after(before, counter, counted, now=now)
        if after is not before:
            changed[counter.metric.id] = after
    if not changed:
        return customer
    # What was deleted leaves with the first change after it.
    kept = {name: tally for name, tally in customer.tallies.items() if name in counters.by_id}
    return msgspec.structs.replace(customer, tallies=shares.bounded({**kept, **changed}))


def _after(before: Tally, counter: Counter, counted: _Counted, *, now: int) -> Tally:
    cell = _cell(counter, counted)
    if cell is None:
        return tallies.without(before, counted.key) if counted.key else before
    return tallies.add(before, cell, last_outside=counter.measure.last_outside(now))


def _cell(counter: Counter, counted: _Counted) -> Cell | None:
    if counter.condition is not None and not counter.condition(counted.document):
        return None
    said: object = counted.at
    if counter.keys is not None:
        said = evaluation.found(counted.document, counter.keys)
    cell = contributions.cell(counter.measure, said, at=counted.at, event_id=counted.event_id)
    if cell is None or not counted.key:
        return cell
    return msgspec.structs.replace(cell, key=counted.key)


def _tally(known: Mapping[str, Tally], counter: Counter) -> Tally:
    """Begin anew where the definition means something else than what was counted."""
    tally = known.get(counter.metric.id)
    if tally is None or tally.version != counter.version:
        return Tally(counter.version, counter.measure.aggregate)
    return tally
