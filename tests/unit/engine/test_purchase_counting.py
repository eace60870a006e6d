"""Metrics over receipts and orders: net of returns, whatever is corrected and in any order."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import counting
from engine.aggregates.tallies import OPEN_MAX
from engine.customer import Customer
from engine.events import Event, OrderCancelled, OrderCompleted
from engine.products import Line
from engine.step import step
from engine.transactions import ReceiptIssued
from tests.support.metrics import defined, metric

DAY = 24 * 60 * 60 * 1000


def receipt(
    name: str, total: str, *, day: int = 0, version: int = 0, back: str | None = None
) -> ReceiptIssued:
    return ReceiptIssued(
        id=f"{name}/{version}",
        occurred_at=day * DAY,
        receipt_id=name,
        updated_at=version,
        total=Decimal(total),
        return_of=back,
        store_id="north" if total.startswith("1") else "south",
        # A return tells no pieces here, so that its sum alone says how much goes back.
        lines=() if back else (Line(id="p", category="shoes", price=Decimal(total)),),
    )


def value(events: Sequence[Event], now: int = 0, /, **fields: object) -> object:
    definitions = defined(metric(of="receipt", **fields))
    customer = Customer(id="c")
    for event in events:
        customer = step(customer, event, definitions, max(now, event.occurred_at)).customer
    return counting.value(customer, definitions.counters.by_id["m"], now=now).value


THREE = (receipt("a", "10"), receipt("b", "20", day=1), receipt("c", "30.50", day=2))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"aggregate": "count"}, 3),
        ({"aggregate": "sum", "field": "total"}, Decimal("60.50")),
        ({"aggregate": "average", "field": "total"}, Decimal("20.166667")),
        ({"aggregate": "min", "field": "total"}, 10),
        ({"aggregate": "max", "field": "total"}, Decimal("30.50")),
        ({"aggregate": "first", "field": "total"}, "10"),
        ({"aggregate": "last"}, 2 * DAY),
        ({"aggregate": "distinct", "field": "store_id"}, 2),
    ],
)
def test_each_aggregate_over_receipts(fields: dict[str, object], expected: object) -> None:
    assert value(THREE, **fields) == expected


def test_a_filter_may_ask_for_a_line() -> None:
    dear = {"op": "prop", "path": "price", "is": ">", "value": 15}
    asked = {"op": "any_item", "path": "lines", "where": dear}

    assert value(THREE, filter=asked) == 2


def test_a_window_leaves_older_receipts_behind() -> None:
    assert value(THREE, 2 * DAY, window="30h") == 2


def test_a_return_lowers_the_total_of_what_it_names_and_a_whole_one_takes_it_out() -> None:
    part, whole = receipt("x", "4", back="a"), receipt("y", "20", back="b")

    assert value((*THREE, part, whole), aggregate="sum", field="total") == Decimal("36.50")
    assert value((part, whole, *THREE), aggregate="sum", field="total") == Decimal("36.50")
    assert value((*THREE, part, whole)) == 2


def test_a_correction_that_no_longer_passes_is_taken_out() -> None:
    north = {"op": "prop", "path": "store_id", "is": "=", "value": "north"}

    assert value((*THREE, receipt("a", "50", version=1)), filter=north) == 0


def test_a_cancelled_order_rests() -> None:
    definitions = defined(metric(of="order"))
    customer = Customer(id="c")
    told = []
    for event in (
        OrderCompleted(id="1", occurred_at=0, order_id="o", total=Decimal(5)),
        OrderCancelled(id="2", occurred_at=1, order_id="o"),
    ):
        customer = step(customer, event, definitions, 1).customer
        told.append(counting.value(customer, definitions.counters.by_id["m"], now=1).value)

    assert told == [1, 0]


def test_what_was_counted_and_closed_is_not_counted_again() -> None:
    many = [receipt(f"r{n}", "1", day=n) for n in range(OPEN_MAX + 2)]

    assert value([*many, receipt("r0", "7", version=1)]) == OPEN_MAX + 2


def test_a_correction_of_what_was_bought_before_the_metric_was_there_is_not_counted() -> None:
    customer = step(Customer(id="c"), receipt("a", "10"), defined(), 0).customer
    definitions = defined(metric(of="receipt"))

    customer = step(customer, receipt("a", "11", version=1), definitions, 0).customer

    assert counting.value(customer, definitions.counters.by_id["m"], now=0).value == 0


versions = st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(1, 90))


@given(st.lists(versions, max_size=8, unique_by=lambda told: told[:2]).flatmap(st.permutations))
def test_whatever_the_order_of_arrival_the_newest_versions_are_summed(
    arrived: list[tuple[int, int, int]],
) -> None:
    by_version = sorted(arrived, key=lambda told: told[1])
    newest = {number: total for number, _, total in by_version}
    events = [receipt(f"r{n}", str(total), version=version) for n, version, total in arrived]

    assert value(events, aggregate="sum", field="total") == sum(newest.values())
