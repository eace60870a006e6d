"""The activity feed: its eight categories, and what a feature that is off takes out of it."""

from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from clickhouse.client import Writer
from clickhouse.tables import EventRow, FactRow
from tests.support import log_rows
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Busy(NamedTuple):
    """A customer, and the campaigns they were in."""

    name: str
    carts: str
    news: str


async def published(editor: httpx.AsyncClient, *triggers: dict[str, object]) -> str:
    """A campaign with these triggers, in its first version."""
    name = f"c-{uuid4().hex[:12]}"
    body = {
        "id": name,
        "triggers": [{"id": trigger["type"], **trigger} for trigger in triggers],
        "start": "one",
        "steps": {"one": {"type": "delay", "for": "1d", "next": None}},
    }
    assert (await editor.put(f"/api/campaigns/{name}", json=body)).is_success
    assert (await editor.post(f"/api/campaigns/{name}/publish")).is_success
    return name


def decided(name: str, at: int, kind: str, campaign: str) -> FactRow:
    row = log_rows.fact(f"{name}-{at}", kind=kind)
    return row._replace(customer=name, at=MONDAY + at, campaign=campaign)


@pytest_asyncio.fixture(loop_scope="session")
async def busy(writer: Writer, editor: httpx.AsyncClient) -> Busy:
    """Somebody to whom one thing of each category happened, a millisecond apart."""
    name = f"f-{uuid4().hex[:12]}"
    carts = await published(editor, {"type": "T01"})
    news = await published(editor, {"type": "T49"})

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
            decided(name, 8, "fired", carts)._replace(trigger="T01"),
            decided(name, 9, "entered", carts)._replace(trigger="T01"),
            fact(15, "points_changed", called="Welcome", before="0", after="200"),
            fact(10, "metric_changed", called="receipts_total", after="9"),
            decided(name, 13, "sent", carts)._replace(trigger="T01"),
            decided(name, 14, "sent", news)._replace(trigger="T49"),
        ]
    )
    return Busy(name, carts, news)


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
async def test_the_feed_has_eight_categories(editor: httpx.AsyncClient, busy: Busy) -> None:
    """M213: all that the feed of a profile shows.

    M158, M159, M160, M161, M162, M163, M164, M165, M166, M167, M168, M169, M170, M171.
    """
    assert await feed(editor, busy.name) == [
        ("points", "Welcome", "0 → 200"),
        ("campaigns", "message sent", busy.news),
        ("campaigns", "message sent", busy.carts),
        ("website", "category viewed", "Kettles"),
        ("website", "product viewed", "Kettle"),
        ("campaigns", "campaign entered", busy.carts),
        ("website", "cart abandoned", busy.carts),
        ("bonuses", "bonuses_active", "5 → 9"),
        ("tags", "vip", "assigned"),
        ("receipts", "receipt issued", "r1"),
        ("orders", "order completed", "o1"),
        ("website", "Session Started", ""),
        ("points", "Points Accrued", ""),
        ("events", "Called us", ""),
        ("website", "page viewed", ""),
    ]


async def test_orders_that_are_off_leave_the_feed(editor: httpx.AsyncClient, busy: Busy) -> None:
    """M161, M222."""
    assert "orders" not in {category for category, _, _ in await feed(editor, busy.name)}

    asked = await editor.get(f"/api/customers/{busy.name}/activity", params={"category": "orders"})
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
    editor: httpx.AsyncClient, busy: Busy
) -> None:
    """M173."""
    found = await feed(editor, busy.name, category="tags,bonuses")

    assert [category for category, _, _ in found] == ["bonuses", "tags"]


async def test_mass_and_campaign_based_messages_are_told_apart(
    editor: httpx.AsyncClient, busy: Busy
) -> None:
    """M158, M159, M213."""
    answer = await editor.get(
        f"/api/customers/{busy.name}/activity", params={"category": "campaigns"}
    )

    told = [(item["type"], item["campaign_kind"]) for item in answer.json()["items"]]
    assert told == [
        ("message_sent", "mass"),
        ("message_sent", "campaign_based"),
        ("campaign_entered", "campaign_based"),
    ]


@pytest.mark.parametrize(
    "trigger",
    [
        {"type": "T42"},
        {"type": "T34"},
        {"type": "T40"},
        {"type": "T01", "params": {"container": "wishlist"}},
    ],
    ids=["birthday", "no response", "bonuses", "wishlist"],
)
async def test_only_a_cart_left_behind_is_called_an_abandoned_cart(
    editor: httpx.AsyncClient, writer: Writer, trigger: dict[str, object]
) -> None:
    """M167: a firing of anything else is no entry; that the customer entered is one."""
    name = f"f-{uuid4().hex[:12]}"
    campaign = await published(editor, trigger)
    rows = [decided(name, 1, "fired", campaign), decided(name, 2, "entered", campaign)]
    await writer.insert([row._replace(trigger=str(trigger["type"])) for row in rows])

    assert await feed(editor, name) == [("campaigns", "campaign entered", campaign)]


async def test_every_campaign_taken_part_in_is_listed(
    editor: httpx.AsyncClient, writer: Writer, busy: Busy
) -> None:
    """M187, M188: with a link to each, one that was deleted since too."""
    name = f"f-{uuid4().hex[:12]}"
    decisions = [
        (10, "entered", "cart"),
        (20, "sent", "cart"),
        (25, "entered", busy.news),
        (30, "entered", "welcome back"),
        (31, "not_sent", "cart"),
    ]
    await writer.insert([decided(name, *decision) for decision in decisions])

    first = (await editor.get(f"/api/customers/{name}/campaigns?limit=1")).json()
    rest = await editor.get(f"/api/customers/{name}/campaigns?cursor={first['cursor']}")

    [cart], [welcome, news] = first["items"], rest.json()["items"]
    counted = ("entered_count", "messages_sent", "messages_not_sent", "control_group")
    assert [cart[field] for field in counted] == [1, 1, 1, None]
    assert (cart["id"], cart["last_at"]) == ("cart", "2025-12-01T00:00:00.031Z")
    assert welcome["href"] == "/api/campaigns/welcome%20back"
    assert (cart["kind"], news["kind"]) == (None, "mass")
    assert rest.json()["cursor"] is None


async def test_the_campaigns_tell_whether_the_customer_was_in_a_control_group(
    editor: httpx.AsyncClient, writer: Writer
) -> None:
    """M189: of the campaign, and of all that go under a policy; whoever was treated was not."""
    name = f"f-{uuid4().hex[:12]}"

    def arm(at: int, campaign: str, salt: str, dealt: str) -> FactRow:
        row = decided(name, at, "arm_assigned", campaign)
        return row._replace(name=salt, after=dealt)

    await writer.insert(
        [
            arm(1, "held", "held/holdout", "holdout"),
            arm(2, "held", "global", "treated"),
            decided(name, 3, "not_sent", "held")._replace(reason="holdout"),
            arm(4, "held", "global/24311", "holdout"),
            arm(5, "open", "open/holdout", "treated"),
            arm(6, "open", "open/colours", "red"),
        ]
    )

    items = (await editor.get(f"/api/customers/{name}/campaigns")).json()["items"]

    assert {item["id"]: item["control_group"] for item in items} == {
        "open": None,
        "held": {
            "names": ["global/24311", "held/holdout"],
            "last_at": "2025-12-01T00:00:00.004Z",
        },
    }
