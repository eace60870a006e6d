"""Every aggregate over every window equals the same computed from the whole list of events.

Bucket semantics: at `now`, an event counts while its bucket is among the last d / step ones.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import counting, windows
from engine.aggregates import fading, shares
from engine.aggregates.tallies import Aggregate, Scalar, Tally, Value
from engine.customer import Customer
from engine.definitions.counters import Counter, Counters
from engine.events import Tracked
from engine.intake import decoding
from tests.support.examples import examples
from tests.support.metrics import defined, metric

AGGREGATES: Sequence[Aggregate] = (
    "count", "sum", "average", "min", "max", "first", "last", "distinct",
)  # fmt: skip
WINDOWS: Sequence[str | None] = (None, "3m", "1h", "2h", "48h", "49h", "30d")

HOUR = 3_600_000
START = 1_764_547_200_000
SPAN = 40 * 24 * HOUR


class Said(NamedTuple):
    """An event with a value, and how long after it occurred it was logged."""

    at: int
    late_ms: int
    value: object
    event_id: str


def near(window: str | None) -> st.SearchStrategy[int]:
    """Instants over a span that the window slides through."""
    span = SPAN if window is None else 4 * windows.parsed(window).length_ms
    return st.integers(START, START + span)


values = st.one_of(
    st.decimals(-1000, 1000, places=2),
    st.integers(-5, 5),
    st.sampled_from(["a", "b", "12.50", ""]),
    st.booleans(),
    st.none(),
)


def said(window: str | None) -> st.SearchStrategy[list[Said]]:
    one = st.builds(
        Said,
        at=near(window),
        late_ms=st.just(0) | st.integers(0, 3 * HOUR),
        value=values,
        event_id=st.uuids().map(str),
    )
    return st.lists(one, max_size=20, unique_by=lambda event: event.event_id).map(
        lambda events: sorted(events, key=lambda event: event.at + event.late_ms)
    )


@cache
def counters_of(counter: Counter) -> Counters:
    return defined(msgspec.to_builtins(counter.metric)).counters


def counted(counter_of: Counter, events: Sequence[Said]) -> Customer:
    """The customer after the events, logged in this order."""
    counters = counters_of(counter_of)
    customer, now = Customer(id="c"), 0
    for event in events:
        now = max(now, event.at + event.late_ms)
        properties = {} if event.value is None else {"x": event.value}
        tracked = Tracked(
            id=event.event_id,
            occurred_at=event.at,
            name="Rated",
            properties=decoding.canonical(properties),
        )
        customer = counting.count(customer, tracked, counters, now=now)
    return customer


def number(value: object) -> Decimal | None:
    if isinstance(value, bool) or value in {"a", "b", "", None}:
        return None
    return Decimal(str(value))


def text(value: object) -> Scalar:
    return value if isinstance(value, bool | int | str) else f"{value:f}"


def expected(
    aggregate: Aggregate, events: Sequence[Said], window: str | None, now: int
) -> Scalar | Decimal | None:
    """From the list alone: what is in the window, then the aggregate by its definition."""
    inside = list(events)
    if window is not None:
        length_ms, step_ms = windows.parsed(window)
        inside = [
            event for event in events if event.at // step_ms > now // step_ms - length_ms // step_ms
        ]
    told = [event for event in inside if event.value is not None]
    match aggregate:
        case "count":
            return len(inside)
        case "distinct":
            return len({(isinstance(event.value, bool), alike(event.value)) for event in told})
        case "first" | "last":
            places = sorted((event.at, event.event_id, text(event.value)) for event in told)
            return places[0 if aggregate == "first" else -1][2] if places else None
        case _:
            return reckoned(
                aggregate, [n for event in told if (n := number(event.value)) is not None]
            )


def alike(value: object) -> str:
    """12.50 and 12.5 are one number."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def reckoned(aggregate: Aggregate, numbers: list[Decimal]) -> Decimal | None:
    match aggregate:
        case "sum":
            return sum(numbers, Decimal(0))
        case "average":
            return round(sum(numbers, Decimal(0)) / len(numbers), 6) if numbers else None
        case "min":
            return min(numbers, default=None)
        case _:
            return max(numbers, default=None)


@pytest.mark.parametrize("aggregate", AGGREGATES)
@settings(max_examples=examples(40))
@given(data=st.data())
def test_an_aggregate_is_what_the_list_of_events_gives(
    aggregate: Aggregate, data: st.DataObject
) -> None:
    window = data.draw(st.sampled_from(WINDOWS))
    events = data.draw(said(window))
    field = {} if aggregate == "count" else {"field": "properties.x"}
    counter = defined(metric(aggregate=aggregate, window=window, **field)).counters.by_id["m"]
    last = max((event.at + event.late_ms for event in events), default=START)
    now = data.draw(st.just(last) | st.integers(last, last + SPAN))

    found = counting.value(counted(counter, events), counter, now=now)

    assert found == Value(expected(aggregate, events, window, now), is_exact=True)


@pytest.mark.parametrize("aggregate", ["count", "distinct"])
@settings(max_examples=examples(40))
@given(data=st.data())
def test_a_count_that_is_added_up_once_is_right_at_every_instant(
    aggregate: Aggregate, data: st.DataObject
) -> None:
    window = data.draw(st.sampled_from(WINDOWS))
    events = data.draw(said(window))
    field = {} if aggregate == "count" else {"field": "properties.x"}
    counter = defined(metric(aggregate=aggregate, window=window, **field)).counters.by_id["m"]
    customer = counted(counter, events)
    last = max((event.at + event.late_ms for event in events), default=START)
    looks = data.draw(st.lists(st.integers(last, last + SPAN), min_size=1, max_size=5))

    found = fading.of(counting.known_tally(customer.tallies, counter), counter.measure)

    for now in looks:
        assert found.count(now) == counting.value(customer, counter, now=now).value
    for count in range(1, found.total + 1):
        sinks_at = found.below_at(count)
        assert (sinks_at is None) == (window is None)
        assert sinks_at is None or found.count(sinks_at - 1) >= count > found.count(sinks_at)


@given(st.lists(st.integers(0, 6 * 24), max_size=60), st.integers(0, 60))
def test_two_identities_counted_apart_come_to_what_one_would_have(
    hours: list[int], cut: int
) -> None:
    """As long as no bound is met: `tests/unit/engine/aggregates` is about those."""
    counter = defined(metric(window="5d")).counters.by_id["m"]
    events = [Said(START + hour * HOUR, 0, None, f"e{n}") for n, hour in enumerate(sorted(hours))]
    now = START + 6 * 24 * HOUR

    apart = [
        counted(counter, part).tallies
        for part in (events[::2][:cut], events[::2][cut:], events[1::2])
    ]
    joined: dict[str, Tally] = {}
    for part in apart:
        joined = shares.joined(joined, part)

    one = counting.value(counted(counter, events), counter, now=now)
    assert counting.value(Customer(id="c", tallies=joined), counter, now=now) == one
