"""Metrics of the shop's own: the API tells what ClickHouse tells."""

from decimal import Decimal
from typing import Any, Final

import pytest_asyncio

from tests.integration.customers.live import Live, Shown

PREFIX: Final = "bids"
EVENT: Final = {"of": "event"}
OF_FIELD: Final = {**EVENT, "field": "properties.amount"}

METRICS: Final[dict[str, dict[str, object]]] = {
    "count": {**EVENT, "aggregate": "count"},
    "sum": {**OF_FIELD, "aggregate": "sum"},
    "average": {**OF_FIELD, "aggregate": "average"},
    "min": {**OF_FIELD, "aggregate": "min"},
    "max": {**OF_FIELD, "aggregate": "max"},
    "first": {**OF_FIELD, "aggregate": "first"},
    "last": {**EVENT, "aggregate": "last", "field": "properties.item"},
    "distinct": {**EVENT, "aggregate": "distinct", "field": "properties.item"},
    "latest": {**EVENT, "aggregate": "last"},
    "today": {**OF_FIELD, "aggregate": "sum", "window": "24h"},
}

BIDS: Final = (("12.50", "vase", "2026-03-02T09:00:00Z"), ("-3.125001", "lamp", None))
"""Amount, item, when: the first is older than any window, the second of now."""


@pytest_asyncio.fixture(loop_scope="session")
async def bidder(live: Live, name: str) -> str:
    """Who bid twice, under an event of their own: a metric counts everybody's."""
    for metric_id, body in METRICS.items():
        whole = f"{PREFIX}-{name}-{metric_id}"
        await live.put(f"metrics/{whole}", {"id": whole, "event": name, **body})
    await live.settled()
    for amount, item, at in BIDS:
        said = {"amount": amount, "item": item}
        when = {} if at is None else {"timestamp": at}
        call = {"type": "track", "userId": name, "event": name, "properties": said}
        await live.track({**call, **when})
    return name


async def test_a_metric_comes_to_the_same_in_the_profile_and_in_clickhouse(
    live: Live, bidder: str
) -> None:
    """M004, M006: every aggregate, and a window that the first event is outside of."""
    shown = await live.until(f"customers/{bidder}", lambda known: known["events_count"] == 2)
    rows = await live.rows(
        "SELECT metric, value, number, instant, as_of FROM oncue.customer_metrics"
        " WHERE customer = {id:String} AND customer IN"
        " (SELECT id FROM oncue.customers WHERE events_count = 2)",
        id=bidder,
    )

    told = {of(name): value["value"] for name, value in shown["metrics"]["custom"].items()}
    stored = {of(row["metric"]): row for row in rows}
    assert stored.keys() == METRICS.keys()
    numbers = ("count", "sum", "average", "min", "max", "first", "distinct", "today")
    assert {name: stored[name]["number"] for name in numbers} == {
        name: Decimal(str(told[name])) for name in numbers
    }
    assert stored["average"]["number"] == Decimal("4.687500")
    assert stored["today"]["number"] == Decimal("-3.125001")
    assert (stored["last"]["value"], stored["last"]["number"]) == (told["last"], None)
    assert in_words(stored["latest"]) == told["latest"]


async def test_a_metric_that_is_deleted_leaves_clickhouse(live: Live, bidder: str) -> None:
    """And what means something else is counted anew."""
    await live.until(f"customers/{bidder}", lambda known: known["events_count"] == 2)
    sql = (
        "SELECT arraySort(groupArray(metric)) AS metrics FROM oncue.customer_metrics"
        " WHERE customer = {id:String} HAVING length(metrics) = {left:UInt8}"
    )
    await live.rows(sql, id=bidder, left=len(METRICS))

    for metric_id in ("sum", "min"):
        await live.delete(f"metrics/{PREFIX}-{bidder}-{metric_id}")
    other = {"id": f"{PREFIX}-{bidder}-max", **METRICS["max"], "event": "another"}
    await live.put(f"metrics/{other['id']}", other, **{"if-match": '"1"'})

    [left] = await live.rows(sql, id=bidder, left=len(METRICS) - 3)
    assert {of(name) for name in left["metrics"]} == METRICS.keys() - {"sum", "min", "max"}


def of(metric_id: str) -> str:
    return metric_id.rpartition("-")[2]


def in_words(row: Shown) -> str:
    at: Any = row["instant"]
    return str(at.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
