"""Receipts of the back office."""

from decimal import Decimal
from typing import Final

import msgspec
import orjson
import pytest

from engine.errors import RejectedError
from engine.events import ReceiptIssued
from engine.intake import decoding, receipts
from engine.intake.arrivals import Arrival, Origin
from engine.products import Product

NOON: Final = 1_795_348_800_000
RECEIPT: Final[dict[str, object]] = {
    "id": 901,
    "customerId": "17",
    "occurredAt": "2026-11-22T11:00:00Z",
    "updatedAt": "2026-11-22T13:30:00+02:00",
    "currency": "EUR",
    "total": "99.90",
    "storeId": "s1",
    "lines": [{"productId": "p1", "name": "Shoes", "quantity": 2, "price": "33.20"}],
}


def arrive(**changed: object) -> Arrival:
    receipt = decoding.message(orjson.dumps(RECEIPT | changed))
    origin = Origin(source="back-office", received_at=NOON, seed="seed")
    return receipts.arrive(receipt, origin=origin)


def test_a_receipt_is_issued_to_its_customer() -> None:
    arrival = arrive()

    assert (arrival.key, arrival.kind) == ("u:17", "transaction")
    event = arrival.event
    assert isinstance(event, ReceiptIssued)
    assert (event.receipt_id, event.source, event.currency) == ("901", "back-office", "EUR")
    assert (event.occurred_at, event.updated_at) == (NOON - 3_600_000, NOON - 1_800_000)
    assert str(event.total) == "99.90"
    assert event.lines == (Product(id="p1", name="Shoes", quantity=2, price=Decimal("33.20")),)
    assert msgspec.json.decode(event.properties) == RECEIPT


def test_a_repetition_has_the_same_id_and_a_correction_another() -> None:
    first = arrive().event.id

    assert arrive(updatedAt="2026-11-22T11:30:00Z").event.id == first
    assert arrive(updatedAt="2026-11-22T11:30:01Z").event.id != first
    assert arrive(id="902").event.id != first


def test_a_return_names_its_receipt_and_counts_backwards() -> None:
    event = arrive(
        total=-33.20, returnOf=900, lines=[{"externalId": "x", "quantity": -1, "price": 33.20}]
    ).event

    assert isinstance(event, ReceiptIssued)
    assert (event.return_of, event.total) == ("900", Decimal("-33.2"))
    assert event.lines == (Product(id="x", quantity=-1, price=Decimal("33.2")),)


def test_a_receipt_from_the_future_is_clamped_but_its_version_is_not() -> None:
    event = arrive(occurredAt="2027-01-01", updatedAt="2027-01-01").event

    assert isinstance(event, ReceiptIssued)
    assert event.occurred_at == NOON + 60_000
    assert event.updated_at > event.occurred_at


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"id": None}, "missing_id", "id"),
        ({"id": True}, "invalid_id", "id"),
        ({"customerId": None}, "missing_identifier", "customerId"),
        ({"customerId": "undefined"}, "missing_identifier", "customerId"),
        ({"customerId": "card:1"}, "reserved_id", "customerId"),
        ({"customerId": None, "email": "a@b.example"}, "unsupported_identifier", "email"),
        ({"customerId": None, "phone": "1"}, "unsupported_identifier", "phone"),
        ({"customerId": None, "card": "1"}, "unsupported_identifier", "card"),
        ({"occurredAt": None}, "invalid_timestamp", "occurredAt"),
        ({"updatedAt": "new"}, "invalid_timestamp", "updatedAt"),
        ({"total": None}, "missing_total", "total"),
        ({"total": "much"}, "invalid_amount", "total"),
        ({"currency": 978}, "invalid_currency", "currency"),
        ({"returnOf": []}, "invalid_id", "returnOf"),
        ({"lines": {}}, "invalid_shape", "lines"),
        ({"lines": [{}]}, "missing_product_id", "lines[0]"),
        ({"lines": [{"productId": 1, "quantity": 0}]}, "invalid_quantity", "lines[0].quantity"),
        ({"custom": {"k" * 201: 1}}, "invalid_key", "custom"),
    ],
)
def test_a_bad_receipt_is_refused_with_code_and_path(
    changed: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        arrive(**changed)

    assert (refusal.value.code, refusal.value.path) == (code, path)
