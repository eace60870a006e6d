"""What an event changed in a customer's metrics, as facts: every value that was ever told.

Asked only where sums or tallies were replaced, so that a page view pays for two comparisons. What
merely grows older (days since something, a window that moves on) is no change.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from engine import counting, ids
from engine.customer import Customer
from engine.definitions.counters import Counter, Counters
from engine.definitions.rfm import RfmEntry
from engine.effects import Effect, RecordFact
from engine.events import Event
from engine.facts import Fact
from engine.metrics import builtin
from engine.metrics import rfm as scores

CHANGES_MAX: Final = 40
"""Facts of one event, about 250 bytes each: 10 KB of an outbox of 128. Built-in metrics are fewer
than half of it, those of the shop come by id; what is beyond is not kept."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_RELATIVE: Final = "days_since_"


def effects(
    before: Customer,
    after: Customer,
    event: Event,
    counters: Counters,
    *,
    rfm: RfmEntry | None,
    now: int,
) -> list[Effect]:
    """The facts of one event, built-in metrics first."""
    if not _may_differ(before, after):
        return []
    found = [*_built_in(before, after, rfm, now=now), *_own(before, after, counters, now=now)]
    return [
        RecordFact(
            fact=Fact(
                id=ids.derived("metric_changed", after.id, event.id, now, name),
                customer=after.id,
                kind="metric_changed",
                at=event.occurred_at,
                name=name,
                before=was,
                after=told,
                cause=event.id,
            )
        )
        for name, was, told in found[:CHANGES_MAX]
    ]


def _may_differ(before: Customer, after: Customer) -> bool:
    """Reducers replace what they change, so that what is the same object is the same."""
    return (
        before.receipts is not after.receipts
        or before.orders is not after.orders
        or before.tallies is not after.tallies
    )


def _built_in(
    before: Customer, after: Customer, rfm: RfmEntry | None, *, now: int
) -> Iterator[tuple[str, str | None, str | None]]:
    if before.receipts is after.receipts and before.orders is after.orders:
        return
    was = builtin.values(before, now=now)
    for name, value in builtin.values(after, now=now).items():
        if value != was[name] and not name.startswith(_RELATIVE):
            yield name, _text(name, was[name]), _text(name, value)
    cuts = None if rfm is None else rfm.cuts
    cell, now_in = (scores.scores(customer, cuts, now=now) for customer in (before, after))
    if cell != now_in:
        yield "rfm", None if cell is None else str(cell), None if now_in is None else str(now_in)


def _own(
    before: Customer, after: Customer, counters: Counters, *, now: int
) -> Iterator[tuple[str, str | None, str | None]]:
    for name, tally in after.tallies.items():
        counter = counters.by_id.get(name)
        if counter is None or counter.is_warming or not counter.metric.history:
            continue
        if tally is before.tallies.get(name):
            continue
        was = counting.value(before, counter, now=now).value
        value = counting.value(after, counter, now=now).value
        if value != was:
            yield name, _told(counter, was), _told(counter, value)


def _told(counter: Counter, value: object) -> str | None:
    return _text("_at" if counter.is_instant else "", value)


def _text(name: str, value: object) -> str | None:
    """As the facts have values: decimal text, RFC 3339, JSON of what is more than one value."""
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() if name.endswith("_at"):
            at = _EPOCH + timedelta(milliseconds=value)
            return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case _:
            return msgspec.json.encode(value).decode()
