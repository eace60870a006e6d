"""What stands in the topics is found in the views."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec
import pytest
from prometheus_client import REGISTRY

from agents import telemetry
from engine.deadletters import DeadLetter
from engine.events import (
    CartItemAdded,
    OrderCompleted,
    PageViewed,
    Responded,
    Switched,
)
from engine.facts import Fact
from engine.products import Line, Product
from engine.sends import Rendered, Send
from engine.transactions import ReceiptIssued
from streams.records import Record
from tests.support.decided import message
from tests.support.storage import PARTITIONS, Storage, record_of
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("sink")

T0 = 1_764_547_200_000
SHOES = Product(id="shoes", name="Red shoes", category="footwear", price=Decimal("19.99"))


def has(store: Storage, view: str, count: int) -> Callable[[], bool | Awaitable[bool]]:
    async def check() -> bool:
        return await store.count(view) >= count

    return check


def record(topic: str, value: object) -> Record:
    return Record(topic=topic, key=b"u:c1", value=msgspec.json.encode(value))


async def test_a_product_in_a_cart_is_a_row_of_tracker(store: Storage) -> None:
    event = CartItemAdded(
        id="e1",
        occurred_at=T0,
        name="Product Added",
        source="demo",
        user_id="c1",
        product=SHOES,
        cart_id="k1",
        currency="EUR",
        properties=msgspec.Raw(b'{"list":"search"}'),
    )

    await store.append([record_of(event)])

    await eventually(has(store, "tracker", 1))
    (row,) = await store.rows(
        "SELECT customer, type, name, source, product_id, product_name, category, price, quantity,"
        " currency, cart_id, properties, toUnixTimestamp64Milli(at) AS at FROM oncue.tracker"
    )
    assert row == {
        "customer": "c1",
        "type": "cart_item_added",
        "name": "Product Added",
        "source": "demo",
        "product_id": "shoes",
        "product_name": "Red shoes",
        "category": "footwear",
        "price": Decimal("19.99"),
        "quantity": 1,
        "currency": "EUR",
        "cart_id": "k1",
        "properties": '{"list":"search"}',
        "at": T0,
    }


async def test_an_order_has_its_total_and_its_lines(store: Storage) -> None:
    event = OrderCompleted(
        id="e1", occurred_at=T0, order_id="o1", total=Decimal("19.99"), products=(SHOES,)
    )

    await store.append([record_of(event)])

    await eventually(has(store, "tracker", 1))
    found = await store.rows("SELECT order_id, total, lines.product_id AS ids FROM oncue.tracker")
    assert found == [{"order_id": "o1", "total": Decimal("19.99"), "ids": ["shoes"]}]


async def test_a_receipt_is_a_row_of_transactions(store: Storage) -> None:
    event = ReceiptIssued(
        id="r1/1",
        occurred_at=T0,
        receipt_id="r1",
        updated_at=T0,
        total=Decimal("-19.99"),
        return_of="r0",
        lines=(Line(id="shoes", price=Decimal("19.99")),),
    )

    await store.append([record_of(event, key=b"e:c1@example.com")])

    await eventually(has(store, "transactions", 1))
    found = await store.rows(
        "SELECT customer, receipt_id, total, return_of, lines.price AS prices"
        " FROM oncue.transactions"
    )
    assert found == [
        {
            "customer": "email:c1@example.com",
            "receipt_id": "r1",
            "total": Decimal("-19.99"),
            "return_of": "r0",
            "prices": [Decimal("19.99")],
        }
    ]


async def test_a_response_is_a_row_of_responses(store: Storage) -> None:
    event = Responded(
        id="x1",
        occurred_at=T0,
        message_id="m1",
        channel="email",
        campaign="cart",
        response="clicked",
        url="https://shop.example/",
        is_machine=True,
    )

    await store.append([record_of(event)])

    await eventually(has(store, "responses", 1))
    found = await store.rows("SELECT message_id, response, url, is_machine FROM oncue.responses")
    assert found == [
        {
            "message_id": "m1",
            "response": "clicked",
            "url": "https://shop.example/",
            "is_machine": True,
        }
    ]


async def test_a_switch_is_kept_with_the_log_but_is_nobodys(store: Storage) -> None:
    switch = Switched(id="s1", occurred_at=T0, definitions_offset=3)

    await store.append([record_of(switch, key=None)])

    await eventually(has(store, "events_log", 1))
    found = await store.rows("SELECT kind, customer, payload FROM oncue.events_log")
    assert [(row["kind"], row["customer"]) for row in found] == [("switch", "")]
    assert msgspec.json.decode(found[0]["payload"], type=Switched) == switch


MESSAGE = message("m1", at=T0, lives_ms=1)
ACCEPTED = Send(
    id="m1",
    attempt=1,
    state="accepted",
    at=T0 + 9,
    customer="ann",
    channel="email",
    campaign="cart",
    version=1,
    step="s1",
    template="cart-mail",
    writer="w",
    provider="sandbox",
    rendered=Rendered(to="c1@example.com", subject="Your cart", text="waits", headers={"X-A": "b"}),
)


async def test_a_sandboxed_message_is_found_in_the_outbox(store: Storage) -> None:
    await store.append([record("messages", MESSAGE), record("sends", ACCEPTED)])

    await eventually(has(store, "outbox", 1))
    await eventually(has(store, "messages", 1))
    assert await store.rows("SELECT id, to, subject, text, headers FROM oncue.outbox") == [
        {
            "id": "m1",
            "to": "c1@example.com",
            "subject": "Your cart",
            "text": "waits",
            "headers": {"X-A": "b"},
        }
    ]
    assert await store.rows("SELECT template, class, state FROM oncue.messages") == [
        {"template": "cart-mail", "class": "marketing", "state": "accepted"}
    ]


async def test_a_decision_is_a_row_of_facts(store: Storage) -> None:
    fact = Fact(
        id="f1",
        customer="c1",
        kind="not_sent",
        at=T0,
        campaign="cart",
        version=1,
        trigger="t",
        instance="i",
        reason="no_consent",
    )

    await store.append([record("facts", fact)])

    await eventually(has(store, "facts", 1))
    found = await store.rows("SELECT customer, kind, reason FROM oncue.facts")
    assert found == [{"customer": "c1", "kind": "not_sent", "reason": "no_consent"}]


async def test_a_change_says_from_what_to_what(store: Storage) -> None:
    fact = Fact(
        id="f1",
        customer="c1",
        kind="metric_changed",
        at=T0,
        name="receipts_total",
        after="33.20",
        cause="e1",
    )

    await store.append([record("facts", fact)])

    await eventually(has(store, "facts", 1))
    found = await store.rows("SELECT name, before, after, cause FROM oncue.facts")
    assert found == [{"name": "receipts_total", "before": None, "after": "33.20", "cause": "e1"}]


async def test_a_dead_letter_is_a_row_of_rejections(store: Storage) -> None:
    letter = DeadLetter(
        id="d1", place="collector", code="bad", message="no", payload=b'{"a":\xff}', at=T0
    )

    await store.append([record("dead-letters", letter)])

    await eventually(has(store, "rejections", 1))
    found = await store.rows(
        "SELECT place, code, base64Decode(payload_base64) = unhex('7B2261223AFF7D') AS same"
        " FROM oncue.rejections"
    )
    assert found == [{"place": "collector", "code": "bad", "same": 1}]


async def test_the_same_event_twice_in_the_log_is_one_row(store: Storage) -> None:
    first = PageViewed(id="e1", occurred_at=T0, url="https://first/")
    again = PageViewed(id="e1", occurred_at=T0, url="https://again/")
    await store.append([record_of(first)])
    await store.append([record_of(again), record_of(PageViewed(id="e2", occurred_at=T0))])

    await eventually(has(store, "tracker", 2))
    found = await store.rows("SELECT id, url FROM oncue.tracker ORDER BY id")
    assert found == [{"id": "e1", "url": "https://first/"}, {"id": "e2", "url": ""}]


def lag_of(topic: str) -> list[float | None]:
    labels = [
        {"part": "sink", "topic": topic, "partition": str(number)} for number in range(PARTITIONS)
    ]
    return [REGISTRY.get_sample_value("oncue_consumer_lag_records", label) for label in labels]


async def test_the_metric_of_lag_tells_that_nothing_waits(store: Storage) -> None:
    for number in range(PARTITIONS):
        telemetry.LAG.labels("sink", "events", str(number)).set(99)

    await store.append([record_of(PageViewed(id="e1", occurred_at=T0))])

    await eventually(lambda: 0 in lag_of("events"))
