"""The tabs of purchases: receipts, orders, favourite stores."""

from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from api.services import Services
from clickhouse.client import Writer
from engine import purchases
from engine.customer import Customer
from engine.events import OrderCompleted
from engine.products import Line, Product
from engine.rows import Row
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued
from tables import rows
from tables.profiles import Copy
from tests.support.logged import NOON, stored

TIME = "2026-11-22T12:00:00.000Z"
FEATURES = {"orders": True, "favourite_stores": True}
NUMBER = [{"name": "points", "type": "number"}]
FIELDS = {"receipt": NUMBER, "receipt_line": NUMBER, "order": NUMBER, "order_line": NUMBER}


SHOWN: dict[str, object] = {
    "id": "r1",
    "number": "A-1",
    "occurred_at": "2026-11-22T12:00:00.001Z",
    "updated_at": "2026-11-22T12:00:00.001Z",
    "status": "paid",
    "payment_status": "captured",
    "store_id": "s1",
    "store_name": "High Street",
    "currency": "EUR",
    "total": "39.90",
    "shipping": "4.90",
    "source": "till-3",
    "return_of": None,
    "custom": {"points": 12, "gift": True},
    "lines_count": 1,
    "items_count": 2,
    "products_total": "39.90",
    "lines": [
        {
            "product_id": "shoes",
            "external_id": "77",
            "name": "Shoes",
            "category": None,
            "quantity": 2,
            "price": None,
            "total": "39.90",
            "custom": {"points": 3, "engraved": "A."},
        }
    ],
}


def receipt(name: str, place: int, **changes: object) -> ReceiptIssued:
    issued = ReceiptIssued(
        id=f"{name}-{place}",
        occurred_at=NOON + place,
        receipt_id=f"r{place}",
        updated_at=NOON + place,
        total=Decimal("39.90"),
        source="till-3",
    )
    return msgspec.structs.replace(issued, **changes)


def placed(name: str, **changes: object) -> OrderPlaced:
    order = OrderPlaced(
        id=f"{name}-o",
        occurred_at=NOON,
        order_id="o1",
        updated_at=NOON,
        total=Decimal(20),
        status="new",
        payment_status="unpaid",
        lines=(Line(id="shoes", quantity=2, price=Decimal(10)),),
    )
    return msgspec.structs.replace(order, **changes)


@pytest.fixture
def name() -> str:
    """Somebody of this test only."""
    return uuid4().hex


@pytest_asyncio.fixture(loop_scope="session")
async def switched_on(editor: httpx.AsyncClient) -> AsyncIterator[None]:
    """Optional features, which are off."""
    seen = (await editor.get("/api/settings")).headers["etag"]
    body = {"features": FEATURES, "custom_fields": FIELDS}
    put = await editor.put("/api/settings", json=body, headers={"if-match": seen})
    assert put.status_code == 200, put.text
    yield
    seen = (await editor.get("/api/settings")).headers["etag"]
    await editor.put("/api/settings", json={}, headers={"if-match": seen})


async def known(opened: Services, name: str, *events: ReceiptIssued) -> None:
    customer = Customer(id=name, attributes={"firstName": "Ada", "lastName": "Byron"})
    for event in events:
        customer = purchases.apply(customer, event)
    value = rows.encode(Row(customer=customer, now_at=NOON), epoch=1, version=1, offset=1)
    await opened.profiles.write([Copy(name, 0, value)])


@pytest.mark.usefixtures("switched_on")
async def test_a_receipt_shows_everything_with_its_lines(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    """M175, M177, M178; custom fields, the line's too, are numbers as the settings declare them."""
    line = Line(
        id="shoes",
        external_id="77",
        name="Shoes",
        quantity=2,
        total=Decimal("39.90"),
        custom={"points": "3", "engraved": "A."},
    )
    whole = receipt(
        name,
        1,
        number="A-1",
        status="paid",
        payment_status="captured",
        store_id="s1",
        store_name="High Street",
        currency="EUR",
        shipping=Decimal("4.9"),
        custom={"points": "12", "gift": True},
        lines=(line,),
    )
    await stored(writer, [whole], customer=name)

    answer = (await editor.get(f"/api/customers/{name}/receipts")).json()

    assert answer["items"] == [SHOWN | {"customer_id": name}]
    assert answer["cursor"] is None


async def test_receipts_are_read_page_by_page_newest_first_each_as_it_stands(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    corrected = receipt(name, 2, id=f"{name}-x", updated_at=NOON + 99, total=Decimal(1))
    await stored(writer, [corrected, *(receipt(name, n) for n in (1, 2, 3))], customer=name)
    url, found, cursor = f"/api/customers/{name}/receipts", [], ""

    while cursor is not None:
        page = (await editor.get(url, params={"limit": 1, "cursor": cursor})).json()
        found += [(item["id"], item["total"]) for item in page["items"]]
        cursor = page["cursor"]

    assert found == [("r3", "39.90"), ("r2", "1.00"), ("r1", "39.90")]


async def test_the_feed_leads_to_the_receipt(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    """M160, M174."""
    await stored(writer, [receipt(name, n) for n in (1, 2)], customer=name)
    url = f"/api/customers/{name}"

    entry = (await editor.get(f"{url}/activity")).json()["items"][1]
    found = await editor.get(f"{url}/receipts", params={"id": entry["receipt_id"]})

    assert entry["category"] == "receipts"
    assert [item["id"] for item in found.json()["items"]] == ["r1"]


@pytest.mark.usefixtures("switched_on")
async def test_an_order_shows_three_statuses_whose_it_is_and_whether_it_is_paid(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    """M180, M184, M185, X20."""
    shipped = OrderStatusChanged(
        id=f"{name}-s", occurred_at=NOON + 5, order_id="o1", delivery_status="shipped"
    )
    await known(opened, name)
    await stored(writer, [shipped, placed(name, receipt_id="r1")], customer=name)

    [order] = (await editor.get(f"/api/customers/{name}/orders")).json()["items"]

    assert (order["id"], order["customer_id"], order["customer_name"]) == ("o1", name, "Ada Byron")
    assert (order["occurred_at"], order["total"], order["items_count"]) == (TIME, "20.00", 2)
    assert (order["status"], order["payment_status"]) == ("new", "unpaid")
    assert order["delivery_status"] == "shipped"
    assert (order["receipt_id"], order["is_paid"], order["is_booked"]) == ("r1", True, True)
    assert order["lines"][0]["total"] == "20.00"


@pytest.mark.usefixtures("switched_on")
async def test_custom_fields_of_an_order_and_its_lines_are_of_their_types(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    custom: dict[str, object] = {"points": "12", "gift": True}
    line = Line(id="shoes", price=Decimal(10), custom={"points": "7.5"})
    await known(opened, name)
    await stored(writer, [placed(name, custom=custom, lines=(line,))], customer=name)

    [order] = (await editor.get(f"/api/customers/{name}/orders")).json()["items"]

    assert order["custom"] == {"points": 12, "gift": True}
    assert [line["custom"] for line in order["lines"]] == [{"points": 7.5}]


@pytest.mark.usefixtures("switched_on")
async def test_an_order_that_only_a_tracker_saw_is_listed_and_unpaid(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    seen = OrderCompleted(
        id=f"{name}-t",
        occurred_at=NOON,
        order_id="o2",
        products=(Product(id="shoes", quantity=3, price=Decimal("2.50")),),
    )
    await known(opened, name)
    await stored(writer, [seen], customer=name)

    [order] = (await editor.get(f"/api/customers/{name}/orders")).json()["items"]

    assert (order["id"], order["total"], order["is_paid"]) == ("o2", "7.50", False)
    assert (order["is_booked"], order["items_count"]) == (False, 3)


async def test_lists_say_which_columns_and_fields_the_settings_show(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    """M157, M176, M179, M183, M186: of receipts, orders, their lines and their details."""
    await known(opened, name)
    chosen: dict[str, dict[str, list[str]]] = {
        "columns": {
            "receipts": ["total", "custom.points"],
            "receipt_lines": ["name"],
            "orders": ["id", "delivery_status"],
            "order_lines": ["total", "name"],
        },
        "fields": {"receipt": ["shipping"], "order": ["customer_id"]},
    }
    seen = (await editor.get("/api/settings")).headers["etag"]
    body = {"features": FEATURES, "custom_fields": FIELDS, **chosen}
    put = await editor.put("/api/settings", json=body, headers={"if-match": seen})

    url = f"/api/customers/{name}"
    chosen_of = {tab: (await editor.get(f"{url}/{tab}")).json() for tab in ("receipts", "orders")}
    await editor.put("/api/settings", json={}, headers={"if-match": put.headers["etag"]})
    usual = (await editor.get(f"{url}/receipts")).json()

    for tab, one in (("receipts", "receipt"), ("orders", "order")):
        assert chosen_of[tab]["columns"] == chosen["columns"][tab]
        assert chosen_of[tab]["line_columns"] == chosen["columns"][f"{one}_lines"]
        assert chosen_of[tab]["fields"] == chosen["fields"][one]
    assert usual["columns"] == ["id", "number", "occurred_at", "status", "payment_status", "total"]


@pytest.mark.usefixtures("switched_on")
async def test_favourite_stores_stand_by_number_of_receipts(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    """M201."""
    await known(
        opened,
        name,
        receipt(name, 1, store_id="s1"),
        receipt(name, 2, store_id="s2", store_name="High Street"),
        receipt(name, 3, store_id="s2"),
    )

    url = f"/api/customers/{name}/stores"
    first = (await editor.get(url, params={"limit": 1})).json()
    rest = (await editor.get(url, params={"limit": 1, "cursor": first["cursor"]})).json()

    assert rest["cursor"] is None
    assert [*first["items"], *rest["items"]] == [
        {
            "id": "s2",
            "name": "High Street",
            "receipts_count": 2,
            "last_at": "2026-11-22T12:00:00.003Z",
        },
        {"id": "s1", "name": None, "receipts_count": 1, "last_at": "2026-11-22T12:00:00.001Z"},
    ]


@pytest.mark.parametrize(("tab", "feature"), [("orders", "orders"), ("stores", "favourite_stores")])
async def test_a_tab_that_is_off_says_how_to_switch_it_on(
    editor: httpx.AsyncClient, tab: str, feature: str
) -> None:
    """M182."""
    answer = await editor.get(f"/api/customers/ada/{tab}")

    assert (answer.status_code, answer.json()["code"]) == (404, "feature_off")
    assert answer.json()["errors"][0]["path"] == f"features.{feature}"


async def test_nobody_has_no_receipts(editor: httpx.AsyncClient, name: str) -> None:
    answer = (await editor.get(f"/api/customers/{name}/receipts")).json()

    assert (answer["items"], answer["cursor"]) == ([], None)
