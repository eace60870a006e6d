"""What a customer comes to under definitions: the metrics of the shop's own."""

from api.admin import answers
from engine import counting
from engine.aggregates.tallies import Value
from engine.customer import Customer
from engine.definitions.counters import Counter, Counters
from engine.definitions.rfm import RfmEntry
from engine.metrics import rfm as engine_rfm


def custom(known: Customer, counters: Counters, *, now: int) -> dict[str, object]:
    """Each metric that is defined, counted since when, and whether a bound made it a guess."""
    return {
        name: _shown(counter, counting.value(known, counter, now=now))
        for name, counter in counters.by_id.items()
    }


def rfm(known: Customer, entry: RfmEntry | None, *, now: int) -> str | None:
    """Recency, frequency and money as `5-4-3`, as of now."""
    scores = engine_rfm.scores(known, None if entry is None else entry.cuts, now=now)
    return None if scores is None else str(scores)


def _shown(counter: Counter, found: Value) -> dict[str, object]:
    value: object = found.value
    if counter.is_instant:
        value = answers.time(value) if isinstance(value, int) else None
    shown = {"value": value, "since": answers.time(counter.since), "exact": found.is_exact}
    # What was before is not counted yet, so nobody knows.
    return {**shown, "value": None, "warming": True} if counter.is_warming else shown
