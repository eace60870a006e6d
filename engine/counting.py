"""The metrics that marketers define, kept in the row: an event meets only those it can change."""

from collections.abc import Mapping

import msgspec

from engine.aggregates import contributions, documents, keeping, sequences, shares
from engine.aggregates.tallies import Cell, Tally, Value
from engine.conditions import evaluation
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.counters import ANY, Counter, Counters
from engine.definitions.metrics import DEMANDED
from engine.events import Event, SourceEvent


def count(customer: Customer, event: Event, counters: Counters, *, now: int) -> Customer:
    """Add what the event adds to each metric that it can change."""
    if not counters.by_event or not isinstance(event, SourceEvent):
        return customer
    met = matching(event, counters)
    if not met:
        return customer
    document = documents.of_event(event) if any(map(_needs_document, met)) else {}
    changed: dict[str, Tally] = {}
    for counter in met:
        found = _met(counter, event, document)
        before = known_tally(customer.tallies, counter)
        if found is not None:
            outside = counter.measure.last_outside(now)
            changed[counter.metric.id] = keeping.add(before, found, last_outside=outside)
    if not changed:
        return customer
    # What was deleted leaves with the first change after it.
    kept = {name: tally for name, tally in customer.tallies.items() if name in counters.by_id}
    return msgspec.structs.replace(customer, tallies=shares.bounded({**kept, **changed}))


def _met(counter: Counter, event: SourceEvent, document: Document) -> Cell | None:
    if counter.links is None:
        return cell(counter, document, at=event.occurred_at, event_id=event.id)
    mask = counter.links.mask(documents.names(event), document)
    if not mask:
        return None
    return sequences.cell(mask, at=event.occurred_at, event_id=event.id)


def matching(event: SourceEvent, counters: Counters) -> tuple[Counter, ...]:
    """The metrics of events of this name, and of every event."""
    index = counters.by_event
    found = index.get(ANY, ())
    for name in documents.names(event):
        found += tuple(one for one in index.get(name, ()) if one not in found)
    return found


def values(customer: Customer, counters: Counters, *, now: int) -> dict[str, Value]:
    """What the shop's metrics come to at `now`; one that never counted anything comes to that."""
    return {
        name: value(customer, counter, now=now)
        for name, counter in counters.by_id.items()
        if not name.startswith(DEMANDED)
    }


def value(customer: Customer, counter: Counter, *, now: int) -> Value:
    """What one metric comes to at `now`."""
    tally = known_tally(customer.tallies, counter)
    return keeping.value(tally, last_outside=counter.measure.last_outside(now))


def known_tally(known: Mapping[str, Tally], counter: Counter) -> Tally:
    """Begin anew where the definition means something else than what was counted."""
    tally = known.get(counter.metric.id)
    if tally is None or tally.version != counter.version:
        measure = counter.measure
        return Tally(counter.version, measure.aggregate, state=measure.begin)
    return tally


def cell(counter: Counter, document: Document, *, at: int, event_id: str) -> Cell | None:
    """What an event or a purchase adds; None where it does not pass, or has no such value."""
    if not counter.takes(at):
        return None
    if counter.condition is not None and not counter.condition(document):
        return None
    said: object = at
    if counter.keys is not None:
        said = evaluation.found(document, counter.keys)
    return contributions.cell(counter.measure, said, at=at, event_id=event_id)


def _needs_document(counter: Counter) -> bool:
    if counter.links is not None:
        return counter.links.needs_document
    return counter.condition is not None or counter.keys is not None
