"""The activity feed: its eight categories, and what a feature that is off takes out of it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from clickhouse.client import Writer
from clickhouse.tables import EventRow, FactRow
from tests.support import log_rows
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def busy(writer: Writer) -> str:
    """Somebody to whom one thing of each category happened, a millisecond apart."""
    name = f"f-{uuid4().hex[:12]}"

    def event(at: int, type_: str, *, kind: str = "tracker", called: str = "") -> EventRow:
        row = log_rows.event(f"{name}-{at}", at=MONDAY + at, kind=kind, name=called)
        return row._replace(customer=name, type=type_)

    def fact(at: int, kind: str, *, called: str = "", before: str = "", after: str = "") -> FactRow:
        row = log_rows.fact(f"{name}-{at}", kind=kind)
        return row._replace(
            customer=name, at=MONDAY + at, campaign="", name=called, before=before, after=after
        )

    await writer.insert(
        [
            event(0, "page_viewed"),
            event(1, "tracked", called="Called us"),
            event(2, "tracked", called="Points Accrued"),
            event(3, "tracked", called="Session Started"),
            event(4, "order_completed")._replace(order_id="o1"),
            event(5, "receipt_issued", kind="transaction")._replace(receipt_id="r1"),
            event(11, "product_viewed")._replace(product_id="p1", product_name="Kettle"),
            event(12, "category_viewed")._replace(category="Kettles"),
        ]
    )
    await writer.insert(
        [
            fact(6, "tag_changed", called="vip", after="vip"),
            fact(7, "bonuses_changed", called="bonuses_active", before="5", after="9"),
            fact(8, "fired")._replace(campaign="cart"),
            fact(9, "entered")._replace(campaign="cart"),
            fact(10, "metric_changed", called="receipts_total", after="9"),
        ]
    )
    return name


@pytest_asyncio.fixture(loop_scope="session")
async def orders_on(editor: httpx.AsyncClient) -> AsyncIterator[None]:
    """Orders are switched on while the test runs."""
    seen = (await editor.get("/api/settings")).headers["etag"]
    body = {"features": {"orders": True}}
    put = await editor.put("/api/settings", json=body, headers={"if-match": seen})
    yield
    await editor.put("/api/settings", json={}, headers={"if-match": put.headers["etag"]})


async def feed(editor: httpx.AsyncClient, name: str, **asked: str) -> list[tuple[str, str, str]]:
    answer = await editor.get(f"/api/customers/{name}/activity", params=asked)
    assert answer.status_code == 200, answer.text
    return [
        (item["category"], item["name"], item["description"]) for item in answer.json()["items"]
    ]


@pytest.mark.usefixtures("orders_on")
async def test_the_feed_has_eight_categories(editor: httpx.AsyncClient, busy: str) -> None:
    """M213: all that the feed of a profile shows.

    M158, M159, M160, M161, M162, M163, M164, M165, M166, M167, M168, M169, M170, M171.
    """
    assert await feed(editor, busy) == [
        ("website", "category viewed", "Kettles"),
        ("website", "product viewed", "Kettle"),
        ("campaigns", "campaign entered", "cart"),
        ("website", "cart abandoned", "cart"),
        ("bonuses", "bonuses_active", "5 → 9"),
        ("tags", "vip", "assigned"),
        ("receipts", "receipt issued", "r1"),
        ("orders", "order completed", "o1"),
        ("website", "Session Started", ""),
        ("points", "Points Accrued", ""),
        ("events", "Called us", ""),
        ("website", "page viewed", ""),
    ]


async def test_orders_that_are_off_leave_the_feed(editor: httpx.AsyncClient, busy: str) -> None:
    """M161, M222."""
    assert "orders" not in {category for category, _, _ in await feed(editor, busy)}

    asked = await editor.get(f"/api/customers/{busy}/activity", params={"category": "orders"})
    assert (asked.status_code, asked.json()["code"]) == (404, "feature_off")


async def columns_of_the_table(editor: httpx.AsyncClient) -> set[str]:
    table = await editor.get("/api/export/customers", params={"format": "csv"})
    return set(table.text.partition("\r\n")[0].split(","))


async def test_orders_that_are_off_leave_the_table_of_customers(
    editor: httpx.AsyncClient,
) -> None:
    """M222."""
    seen = (await editor.get("/api/settings")).headers["etag"]

    off = await columns_of_the_table(editor)
    body = {"features": {"orders": True}}
    put = await editor.put("/api/settings", json=body, headers={"if-match": seen})
    on = await columns_of_the_table(editor)
    await editor.put("/api/settings", json={}, headers={"if-match": put.headers["etag"]})

    assert on - off == {"orders_count", "orders_total"}
    assert off < on


async def test_several_categories_are_asked_for_at_once(
    editor: httpx.AsyncClient, busy: str
) -> None:
    """M173."""
    found = await feed(editor, busy, category="tags,bonuses")

    assert [category for category, _, _ in found] == ["bonuses", "tags"]


async def test_every_campaign_taken_part_in_is_listed(
    editor: httpx.AsyncClient, writer: Writer, busy: str
) -> None:
    """M187, M188, M189: with a link to each, one that was deleted since too."""
    decisions = [("sent", 20, "cart"), ("entered", 30, "welcome back"), ("not_sent", 31, "cart")]
    await writer.insert(
        [
            log_rows.fact(f"{busy}-{at}", kind=kind)._replace(
                customer=busy, at=MONDAY + at, campaign=campaign
            )
            for kind, at, campaign in decisions
        ]
    )

    first = (await editor.get(f"/api/customers/{busy}/campaigns?limit=1")).json()
    rest = await editor.get(f"/api/customers/{busy}/campaigns?cursor={first['cursor']}")

    [cart], [welcome] = first["items"], rest.json()["items"]
    counted = ("entered_count", "messages_sent", "messages_not_sent", "control_group")
    assert [cart[name] for name in counted] == [1, 1, 1, None]
    assert (cart["id"], cart["last_at"]) == ("cart", "2025-12-01T00:00:00.031Z")
    assert welcome["href"] == "/api/campaigns/welcome%20back"
    assert rest.json()["cursor"] is None
