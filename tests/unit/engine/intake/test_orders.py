"""Orders of the back office and changes of their statuses (e.6, X20)."""

from typing import Final

import orjson
import pytest

from engine.errors import RejectedError
from engine.intake import backoffice, decoding
from engine.intake.arrivals import Arrival, Origin
from engine.transactions import OrderPlaced, OrderStatusChanged

NOON: Final = 1_795_348_800_000
ORIGIN: Final = Origin(source="back-office", received_at=NOON, seed="seed")

ORDER: Final[dict[str, object]] = {
    "id": "o1",
    "customerId": "17",
    "occurredAt": "2026-11-22T11:00:00Z",
    "updatedAt": "2026-11-22T11:30:00Z",
    "status": "new",
    "paymentStatus": "unpaid",
    "deliveryStatus": "packing",
    "receiptId": 901,
    "total": "99.90",
    "lines": [{"productId": "p1", "quantity": 2, "price": "33.20"}],
}
CHANGE: Final[dict[str, object]] = {
    "orderId": "o1",
    "customerId": "17",
    "deliveryStatus": "shipped",
    "occurredAt": "2026-11-22T11:45:00Z",
}


def arrive(kind: str, item: dict[str, object]) -> Arrival:
    arrival = backoffice.KINDS[kind](decoding.message(orjson.dumps(item)), origin=ORIGIN)
    assert isinstance(arrival, Arrival)
    return arrival


def test_an_order_has_three_statuses_and_may_name_its_receipt() -> None:
    arrival = arrive("orders", ORDER)

    event = arrival.event
    assert isinstance(event, OrderPlaced)
    assert (arrival.key, arrival.kind) == ("u:17", "transaction")
    assert (event.status, event.payment_status, event.delivery_status) == (
        "new",
        "unpaid",
        "packing",
    )
    assert (event.order_id, event.receipt_id, str(event.total)) == ("o1", "901", "99.90")


def test_a_status_change_says_one_of_them() -> None:
    arrival = arrive("order-status", CHANGE)

    event = arrival.event
    assert isinstance(event, OrderStatusChanged)
    assert (arrival.key, arrival.kind) == ("u:17", "transaction")
    assert (event.order_id, event.delivery_status, event.status) == ("o1", "shipped", None)
    assert event.occurred_at == NOON - 900_000


def test_a_status_change_sent_again_has_the_same_id() -> None:
    first = arrive("order-status", CHANGE).event.id

    assert (
        arrive("order-status", CHANGE | {"occurredAt": "2026-11-22T12:45+01:00"}).event.id == first
    )
    assert arrive("order-status", CHANGE | {"deliveryStatus": "lost"}).event.id != first
    assert arrive("order-status", CHANGE | {"status": "shipped"}).event.id != first


@pytest.mark.parametrize(
    ("kind", "item", "code", "path"),
    [
        ("orders", ORDER | {"id": None}, "missing_id", "id"),
        ("orders", ORDER | {"customerId": None}, "missing_identifier", "customerId"),
        ("orders", ORDER | {"total": None}, "missing_total", "total"),
        ("orders", ORDER | {"deliveryStatus": 1.5}, "invalid_id", "deliveryStatus"),
        ("order-status", CHANGE | {"orderId": ""}, "missing_id", "orderId"),
        ("order-status", CHANGE | {"customerId": None}, "missing_identifier", "customerId"),
        ("order-status", CHANGE | {"deliveryStatus": None}, "missing_status", "status"),
        ("order-status", CHANGE | {"occurredAt": None}, "invalid_timestamp", "occurredAt"),
    ],
)
def test_what_is_missing_is_said(kind: str, item: dict[str, object], code: str, path: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        arrive(kind, item)

    assert (refusal.value.code, refusal.value.path) == (code, path)
