"""Metrics of the shop's own: the API tells what ClickHouse tells."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, Final

import httpx
import msgspec
import pytest_asyncio

from api import app, services
from api.services import Services
from tests.integration.customers.live import SOON_S, Live, Shown
from tests.support.waiting import eventually

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


@pytest_asyncio.fixture(loop_scope="session")
async def filling(opened: Services) -> AsyncIterator[Services]:
    """Another API process, which fills in the past of what is saved there."""
    settings = msgspec.structs.replace(opened.settings, backfill=True)
    async with services.opened(settings) as found:
        yield found


async def test_a_new_metric_counts_what_was_there_before_once_its_past_is_filled_in(
    filling: Services, live: Live, name: str
) -> None:
    call = {"type": "track", "userId": name, "event": name}
    await live.track(call, call)
    await live.until(f"customers/{name}", lambda known: known["events_count"] == 2)
    transport = httpx.ASGITransport(app.build(filling))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        shop = Live(http, filling, admin_token=filling.settings.admin_token)
        body = {"id": name, "of": "event", "event": name, "aggregate": "count"}
        saved = await shop.put(f"metrics/{name}", body)
        assert saved["warming"]["told_count"] == 0
        await shop.settled()
        await live.track(call)
        shown = await live.until(f"customers/{name}", lambda known: known["events_count"] == 3)
        assert shown["metrics"]["custom"][name]["value"] is None

        async def is_known() -> bool:
            await filling.backfiller.turn()
            return "warming" not in await shop.get(f"metrics/{name}")

        await eventually(is_known, within_s=SOON_S)
        shown = await shop.until(
            f"customers/{name}", lambda known: known["metrics"]["custom"][name]["value"] == 3
        )
    assert shown["metrics"]["custom"][name]["exact"]
