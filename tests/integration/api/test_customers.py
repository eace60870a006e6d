"""Customers over HTTP: from Redis, from ClickHouse, their history, their consent."""

from decimal import Decimal
from typing import Final
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from api import app, services
from api.services import Services, now_ms
from clickhouse.client import Writer
from clickhouse.tables import EventRow
from engine import keys, rows
from engine.customer import Cart, CartItem, Contact, Customer, Purchases, Zone
from engine.declarations import SubscriptionsChanged
from engine.products import Product
from engine.rows import Row
from settings import Settings
from streams.consumer import Reader
from streams.positions import Beginning
from tables import rows as stored
from tables.profiles import Copy, Profiles
from tests.integration.api.conftest import ADMIN, BASE
from tests.support import changelog, log_rows
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")

TODAY: Final = now_ms()
"""A cart expires when nobody touches it for long."""


@pytest.fixture
def name() -> str:
    """A customer that no other test uses."""
    return f"c-{uuid4().hex[:12]}"


async def remember(profiles: Profiles, customer: Customer) -> None:
    """Do what the mirror does."""
    row = Row(customer=customer, now_at=MONDAY + 60_000)
    value = stored.encode(row, epoch=1, version=1, offset=1)
    await profiles.write([Copy(customer.id, 0, value)])


def shopper(name: str) -> Customer:
    socks = Product(id="socks", name="Socks", price=Decimal("2.50"), quantity=2)
    return Customer(
        id=name,
        attributes={"firstName": "Ada", "timezone": "Europe/London"},
        email="ada@example.com",
        phone="+442079460000",
        contacts={
            "email": Contact(state="valid"),
            "phone": Contact(state="valid", kind="landline", region="GB"),
        },
        zones={"profile": Zone("Europe/London", 0)},
        subscriptions={"email": True, "sms": {"promo": False}},
        containers={
            "cart": Cart(
                items=(CartItem(product=socks, added_at=MONDAY),),
                changed_at=TODAY,
                currency="GBP",
            )
        },
        orders=Purchases(count=3, total=Decimal("10.00"), currency="GBP"),
        receipts=Purchases(
            count=1,
            total=Decimal("7.00"),
            first_at=MONDAY,
            last_at=MONDAY,
            last_amount=Decimal("7.00"),
            currency="GBP",
        ),
        source="web",
        first_seen_at=MONDAY,
        last_seen_at=MONDAY + 1,
        events_count=9,
    )


METRICS = {
    "receipts_first_at": "2025-12-01T00:00:00.000Z",
    "receipts_last_at": "2025-12-01T00:00:00.000Z",
    "receipts_last_amount": "7.00",
    "receipts_count": 1,
    "receipts_total": "7.00",
    "receipts_average": "7.00",
    "receipts_average_products": None,
    "receipts_average_price": None,
    "orders_count": 3,
    "orders_total": "10.00",
    "orders_average": "3.33",
    "orders_average_products": None,
    "currency": "GBP",
    "other_currencies": {},
    "days_since_registration": None,
    "ltv": "7.00",
    "favourite_products": [],
    "points_balance": 0,
}
"""Of `shopper`, but for those by the clock and those that other tests are about."""


async def test_a_customer_is_shown_as_known_now(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    await remember(opened.profiles, shopper(name))

    shown = (await editor.get(f"/api/customers/{name}")).json()

    for metric in ("custom", "rfm", "days_since_first_receipt", "days_since_last_receipt"):
        shown["metrics"].pop(metric)
    assert shown == {
        "id": name,
        "attributes": {"firstName": "Ada", "timezone": "Europe/London"},
        "contacts": {
            "email": {"value": "ada@example.com", "state": "valid", "provider": None},
            "phone": {
                "value": "+442079460000",
                "state": "valid",
                "kind": "landline",
                "operator": None,
                "region": "GB",
            },
        },
        "timezone": "Europe/London",
        "timezone_source": "profile",
        "profile": dict.fromkeys(("gender", "birthday", "country", "city", "registered_at")),
        "metrics": METRICS,
        "loyalty": None,
        "subscriptions": {"email": True, "sms": {"promo": False}},
        **{name: [] for name in ("tags", "segments", "merged")},
        "source": "web",
        "first_seen_at": "2025-12-01T00:00:00.000Z",
        "last_seen_at": "2025-12-01T00:00:00.001Z",
        "events_count": 9,
        "as_of": "2025-12-01T00:01:00.000Z",
    }


async def test_a_visitor_is_found_by_anonymous_id(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    visitor = keys.public_id(keys.anonymous(name))
    await remember(opened.profiles, rows.blank(keys.anonymous(name)).customer)

    answer = await editor.get(f"/api/customers/{visitor}")

    assert answer.json()["id"] == f"anonymous:{name}"


async def test_the_cart_shows_what_was_added_and_when(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    await remember(opened.profiles, shopper(name))

    cart = (await editor.get(f"/api/customers/{name}/cart")).json()

    [item] = cart["items"]
    assert (cart["count"], cart["value"], cart["currency"]) == (2, "5.00", "GBP")
    assert {field: item[field] for field in ("id", "name", "price", "quantity", "added_at")} == {
        "id": "socks",
        "name": "Socks",
        "price": "2.50",
        "quantity": 2,
        "added_at": "2025-12-01T00:00:00.000Z",
    }


@pytest.mark.parametrize("tail", ["", "/cart", "/subscriptions"])
async def test_a_customer_nobody_knows_is_not_found(
    editor: httpx.AsyncClient, name: str, tail: str
) -> None:
    answer = await editor.get(f"/api/customers/{name}{tail}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest_asyncio.fixture(loop_scope="session")
async def known_to_clickhouse(writer: Writer, name: str) -> str:
    """Redis has never heard of this one."""
    await writer.insert([changelog.mirrored(shopper(name), now_at=MONDAY + 60_000)])
    return name


async def test_while_redis_is_away_clickhouse_answers(
    config: Settings, known_to_clickhouse: str
) -> None:
    async with services.opened(config) as with_redis, client_of(with_redis) as client:
        await remember(with_redis.profiles, shopper(known_to_clickhouse))
        expected = [
            (await client.get(f"/api/customers/{known_to_clickhouse}{tail}")).json()
            for tail in ("", "/cart", "/subscriptions")
        ]
    away = msgspec.structs.replace(config, redis="redis://127.0.0.1:1/0")
    async with services.opened(away) as without, client_of(without) as client:
        found = [
            (await client.get(f"/api/customers/{known_to_clickhouse}{tail}")).json()
            for tail in ("", "/cart", "/subscriptions")
        ]

    assert found == expected
    assert expected[0]["metrics"]["receipts_first_at"] == "2025-12-01T00:00:00.000Z"


async def test_without_clickhouse_lists_answer_503_and_customers_are_shown(
    config: Settings, opened: Services, name: str
) -> None:
    await remember(opened.profiles, shopper(name))
    away = msgspec.structs.replace(config, clickhouse="http://127.0.0.1:1")
    async with services.opened(away) as without, client_of(without) as client:
        listed = await client.get("/api/customers")
        shown = await client.get(f"/api/customers/{name}")

    assert (listed.status_code, listed.json()["code"]) == (503, "clickhouse_away")
    assert "retry-after" in listed.headers
    assert shown.status_code == 200


async def test_the_list_is_read_page_by_page(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    await writer.insert([log_rows.customer(f"{name}-{number}") for number in range(5)])

    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (
            await editor.get("/api/customers", params={"q": name, "limit": 2, "cursor": cursor})
        ).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["cursor"]

    assert found == [f"{name}-{number}" for number in range(5)]


def event(name: str, id_: str, *, at: int, kind: str = "tracker", type_: str) -> EventRow:
    row = log_rows.event(f"{name}-{id_}", at=at, kind=kind)
    return row._replace(customer=name, type=type_)


@pytest_asyncio.fixture(loop_scope="session")
async def active(writer: Writer, name: str) -> str:
    """Somebody who viewed, ordered, was written to and opened it; two things at one time."""
    seen = event(name, "a", at=MONDAY, type_="product_viewed")._replace(product_id="socks")
    response = event(name, "d", at=MONDAY + 2, kind="response", type_="responded")
    await writer.insert(
        [
            seen,
            event(name, "b", at=MONDAY, type_="page_viewed"),
            event(name, "c", at=MONDAY + 1, type_="order_completed")._replace(
                order_id="o1", total=Decimal("5.00")
            ),
            response._replace(message_id=f"{name}-m", response="opened", campaign="cart"),
            event(name, "e", at=MONDAY + 3, kind="transaction", type_="receipt_issued")._replace(
                receipt_id="r1", total=Decimal("7.00")
            ),
            event(name, "f", at=MONDAY + 4, type_="tracked")._replace(name="Called us"),
        ]
    )
    return name


async def test_the_feed_is_newest_first_and_says_what_each_thing_is(
    editor: httpx.AsyncClient, active: str
) -> None:
    feed = (await editor.get(f"/api/customers/{active}/activity")).json()["items"]

    assert [(item["category"], item["type"]) for item in feed] == [
        ("events", "tracked"),
        ("receipts", "receipt_issued"),
        ("campaigns", "opened"),
        ("website", "page_viewed"),
        ("website", "product_viewed"),
    ]
    assert feed[0]["name"] == "Called us"
    assert feed[1]["description"] == "r1, 7.00"
    assert feed[4]["product_id"] == "socks"


async def test_the_feed_is_read_page_by_page(editor: httpx.AsyncClient, active: str) -> None:
    """M172: the cursor is what "show more" sends."""
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (
            await editor.get(
                f"/api/customers/{active}/activity", params={"limit": 1, "cursor": cursor}
            )
        ).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["cursor"]

    assert found == [f"{active}-{letter}" for letter in "fedba"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("website", "ba"), ("events,campaigns", "fd"), ("receipts", "e"), ("", "fedba")],
)
async def test_the_feed_is_filtered_by_category(
    editor: httpx.AsyncClient, active: str, asked: str, found: str
) -> None:
    feed = await editor.get(f"/api/customers/{active}/activity", params={"category": asked})

    assert [item["id"][-1] for item in feed.json()["items"]] == list(found)


async def test_a_message_shows_its_state_and_responses(
    editor: httpx.AsyncClient, writer: Writer, active: str
) -> None:
    """M009, M013: what we did to the customer, and how they responded."""
    message_id = f"{active}-m"
    await writer.insert([log_rows.message(message_id)._replace(customer=active)])
    await writer.insert(
        [
            log_rows.send(message_id, state="reserved", offset=0)._replace(customer=active),
            log_rows.send(message_id, state="accepted", offset=1)._replace(customer=active),
        ]
    )

    [message] = (await editor.get(f"/api/customers/{active}/messages")).json()["items"]

    assert (message["id"], message["state"], message["class"]) == (
        message_id,
        "accepted",
        "marketing",
    )
    assert message["sent_at"] == "2025-12-01T00:00:00.000Z"
    assert [response["response"] for response in message["responses"]] == ["opened"]


async def test_explain_says_why_in_words_newest_first(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    decided = [("fired", ""), ("entered", ""), ("not_sent", "no_consent"), ("exited", "completed")]
    await writer.insert(
        [
            log_rows.fact(f"{name}-{kind}", kind=kind)._replace(customer=name, reason=reason)
            for kind, reason in decided
        ]
    )

    items = (await editor.get(f"/api/customers/{name}/explain")).json()["items"]
    other = (
        await editor.get(f"/api/customers/{name}/explain", params={"campaign": "other"})
    ).json()["items"]

    assert [item["kind"] for item in items] == ["exited", "not_sent", "entered", "fired"]
    assert items[1]["reason"] == "no_consent"
    assert items[1]["words"] == (
        "no message was sent: the customer has not said yes to this channel and category"
    )
    assert other == []


async def test_consent_goes_into_the_customers_log(
    editor: httpx.AsyncClient, config: Settings, name: str
) -> None:
    said = {"email": True, "sms": {"promo": False}}

    answer = await editor.put(f"/api/customers/{name}/subscriptions", json=said)

    assert (answer.status_code, answer.json()) == (200, said)
    async with Reader(brokers=config.broker) as reader:
        await reader.assign_topics(["events"], start=Beginning())
        found = [
            record
            async for records in reader.read_to_end()
            for record in records
            if record.key == f"u:{name}".encode()
        ]
    [record] = found
    change = msgspec.json.decode(record.value or b"", type=SubscriptionsChanged)
    assert record.headers["kind"] == b"consent"
    assert (change.subscriptions, change.origin) == (said, "operator")


@pytest.mark.parametrize(
    "body", [{}, {"email": "yes"}, {"smoke": True}, [], {"email": {"promo": None}}, {"": True}]
)
async def test_consent_that_says_nothing_is_refused(
    editor: httpx.AsyncClient, name: str, body: object
) -> None:
    answer = await editor.put(f"/api/customers/{name}/subscriptions", json=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_body")


def client_of(opened: Services) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app.build(opened)),
        base_url=BASE,
        headers={"authorization": f"Bearer {ADMIN}"},
    )
