"""A definition that comes in somewhere in the log, its past filled in later, counts as ever.

Before the seam the row does not know the metric; the API counts what stands there with the same
engine. Then events go on, the command comes, more events follow: the tally is what it would be had
the metric been there from the start.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import counting, filling, ids, keys, rows
from engine.aggregates.tallies import Value
from engine.commands import Backfilled
from engine.definitions import folded
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.definitions.metrics import Metric
from engine.events import Event, OrderCancelled, Tracked
from engine.intake import decoding
from engine.products import Line
from engine.rows import Arrival, Row
from engine.transactions import OrderPlaced, ReceiptIssued
from tests.support.examples import examples
from tests.support.metrics import metric

HOUR: Final = 3_600_000
KEY: Final = "u:c"

metrics = st.builds(
    lambda of, told, window: metric(of=of, window=window, **told),
    of=st.sampled_from(["event", "receipt", "order"]),
    told=st.sampled_from(
        [
            {"aggregate": "count"},
            *(
                {"aggregate": aggregate, "field": "total"}
                for aggregate in ("sum", "average", "min", "max", "first", "last", "distinct")
            ),
            {
                "aggregate": "count",
                "filter": {"op": "prop", "path": "store_id", "is": "=", "value": "north"},
            },
            {
                "aggregate": "sum",
                "field": "total",
                "filter": {"op": "prop", "path": "store_id", "is": "=", "value": "north"},
            },
        ]
    ),
    window=st.sampled_from([None, "6h", "2d"]),
).map(
    lambda body: {
        # An event says its own under `properties`.
        **body,
        "field": f"properties.{body['field']}"
        if body["of"] == "event" and body.get("field")
        else body.get("field"),
        "filter": None if body["of"] == "event" else body.get("filter"),
    }
)

ids_of_events = st.integers(0, 60).map(lambda number: f"e{number}")
instants = st.integers(0, 72).map(lambda hour: hour * HOUR)
amounts = st.integers(1, 40).map(Decimal)
names = st.sampled_from("abc")
stores = st.sampled_from(["north", "south"])
statuses = st.sampled_from([None, None, "cancelled", "returned"])

tracked = st.builds(
    lambda event_id, at, total: Tracked(
        id=event_id, occurred_at=at, name="Rated", properties=decoding.canonical({"total": total})
    ),
    ids_of_events,
    instants,
    amounts,
)
receipts = st.builds(
    ReceiptIssued,
    id=ids_of_events,
    occurred_at=instants,
    receipt_id=names,
    updated_at=st.integers(0, 5),
    total=amounts,
    status=statuses,
    store_id=stores,
    lines=st.just((Line(id="p", price=Decimal(1)),)),
)
returns = st.builds(
    ReceiptIssued,
    id=ids_of_events,
    occurred_at=instants,
    receipt_id=st.sampled_from("xy"),
    updated_at=st.integers(0, 5),
    total=amounts,
    return_of=names,
)
orders = st.builds(
    OrderPlaced,
    id=ids_of_events,
    occurred_at=instants,
    order_id=names,
    updated_at=st.integers(0, 5),
    total=amounts,
    status=statuses,
    store_id=stores,
)
cancels = st.builds(OrderCancelled, id=ids_of_events, occurred_at=instants, order_id=names)
happened = st.lists(tracked | receipts | returns | orders | cancels, max_size=24)


def fold(body: dict[str, object]) -> tuple[Definitions, Definitions]:
    """With the metric while it warms, and when it is done."""
    change = Change(
        change_id="1",
        kind="metrics",
        id="m",
        action="put",
        based_on=0,
        body=msgspec.Raw(msgspec.json.encode({k: v for k, v in body.items() if v is not None})),
        at=0,
        backfill=True,
    )
    warming = folded.fold(Definitions(), change, offset=0)
    assert not warming.is_void
    done = Change(
        change_id="2",
        kind="fanouts",
        id="backfill:0",
        action="put",
        based_on=0,
        body=msgspec.Raw(b'{"id":"backfill:0","seam":0,"begun_at":0,"state":"done"}'),
        at=0,
    )
    after = folded.fold(warming.definitions, done, offset=1)
    assert not after.is_void
    return warming.definitions, after.definitions


def apply(row: Row, events: Sequence[Event], definitions: Definitions, *, at: int) -> int:
    for event in events:
        at += HOUR
        rows.advance(row, Arrival(event=event, logged_at=at), definitions)
    return at


def counted(row: Row, definitions: Definitions, *, now: int) -> Value:
    return counting.value(row.customer, definitions.counters.by_id["m"], now=now)


@settings(max_examples=examples(300))
@given(body=metrics, events=happened, data=st.data())
def test_backfilled_is_counted_from_the_start(
    body: dict[str, object], events: list[Event], data: st.DataObject
) -> None:
    warming, done = fold(body)
    seam = data.draw(st.integers(0, len(events)))
    told = data.draw(st.integers(seam, len(events)))
    ever, past, row = rows.blank(KEY), rows.blank(KEY), rows.blank(KEY)

    at = apply(past, events[:seam], done, at=0)
    apply(row, events[:seam], Definitions(), at=0)
    at = apply(row, events[seam:told], warming, at=at)
    if past.customer.tallies:
        command = Backfilled(
            id=ids.derived("backfilled", 0, KEY),
            occurred_at=at,
            origin=KEY,
            tallies=filling.told(past.customer.tallies),
        )
        for _ in range(data.draw(st.integers(1, 2))):
            rows.advance(row, Arrival(event=command, logged_at=at), warming)
    apply(row, events[told:], done, at=at)
    now = apply(ever, events, done, at=0)

    assert keys.public_id(KEY) == row.customer.id
    assert counted(row, done, now=now) == counted(ever, done, now=now)


def test_a_metric_of_the_property_is_one() -> None:
    """The drawn definitions are decoded as marketers' are."""
    warming, done = fold(metric(of="receipt"))
    assert isinstance(warming.counters.by_id["m"].metric, Metric)
    assert (warming.counters.by_id["m"].is_warming, done.counters.by_id["m"].is_warming) == (
        True,
        False,
    )
