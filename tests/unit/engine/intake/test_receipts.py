"""Receipts of the back office."""

from decimal import Decimal
from typing import Final

import msgspec
import orjson
import pytest

from engine.errors import RejectedError
from engine.intake import decoding, limits, receipts
from engine.intake.arrivals import Arrival, Origin
from engine.products import Line
from engine.transactions import ReceiptIssued

NOON: Final = 1_795_348_800_000
ORIGIN: Final = Origin(source="back-office", received_at=NOON, seed="seed")
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
    return receipts.arrive(receipt, origin=ORIGIN)


def test_a_receipt_is_issued_to_its_customer() -> None:
    arrival = arrive()

    assert (arrival.key, arrival.kind) == ("u:17", "transaction")
    event = arrival.event
    assert isinstance(event, ReceiptIssued)
    assert (event.receipt_id, event.source, event.currency) == ("901", "back-office", "EUR")
    assert (event.occurred_at, event.updated_at) == (NOON - 3_600_000, NOON - 1_800_000)
    assert str(event.total) == "99.90"
    assert event.lines == (Line(id="p1", name="Shoes", quantity=2, price=Decimal("33.20")),)
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
    assert event.lines == (Line(id="x", external_id="x", quantity=-1, price=Decimal("33.2")),)


@pytest.mark.parametrize(
    ("named", "key"),
    [
        ({"customerId": 17, "card": "9", "email": "a@b.example"}, "u:17"),
        ({"card": 9, "email": "a@b.example", "phone": "+442079460000"}, "c:9"),
        ({"email": " Ada@B.Example ", "phone": "+442079460000"}, "e:ada@b.example"),
        ({"phone": "+44 (20) 7946-0000"}, "p:+442079460000"),
        ({"customerId": "guest", "card": "9"}, "c:9"),
    ],
)
def test_a_receipt_is_its_strongest_identifiers(named: dict[str, object], key: str) -> None:
    assert arrive(**{"customerId": None, **named}).key == key


def test_everything_a_receipt_says_is_kept() -> None:
    """M177, M178, M219, http.md's shape of a receipt."""
    event = arrive(
        number="A-1",
        status="paid",
        paymentStatus="captured",
        storeName="High Street",
        shipping="4.90",
        source="till-3",
        custom={"cashier": "Bo", "gift": True, "points": 1.5, "note": None},
        lines=[{"productId": "p1", "externalId": 77, "total": "60.00", "custom": {"size": "M"}}],
    ).event

    assert isinstance(event, ReceiptIssued)
    assert (event.number, event.status, event.payment_status) == ("A-1", "paid", "captured")
    assert (event.store_id, event.store_name, event.source) == ("s1", "High Street", "till-3")
    assert str(event.shipping) == "4.90"
    assert event.custom == {"cashier": "Bo", "gift": True, "points": 1.5, "note": None}
    [line] = event.lines
    assert (line.id, line.external_id, str(line.total)) == ("p1", "77", "60.00")
    assert line.custom == {"size": "M"}


def test_a_receipt_without_updated_at_is_the_version_of_its_day() -> None:
    event = arrive(updatedAt=None).event

    assert isinstance(event, ReceiptIssued)
    assert event.updated_at == event.occurred_at


def test_a_receipt_with_a_thousand_lines_is_taken() -> None:
    lines = [{"productId": number, "price": 1, "name": "x" * 60} for number in range(1000)]

    receipt = decoding.message(
        orjson.dumps(RECEIPT | {"lines": lines}), max_bytes=limits.OBJECT_MAX_BYTES
    )

    event = receipts.arrive(receipt, origin=ORIGIN).event
    assert isinstance(event, ReceiptIssued)
    assert len(event.lines) == 1000


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
        ({"customerId": None, "email": "a@b"}, "invalid_email", "email"),
        ({"customerId": None, "phone": "1"}, "invalid_phone", "phone"),
        ({"customerId": None, "card": "000"}, "missing_identifier", "customerId"),
        ({"customerId": None, "card": 1.5}, "invalid_id", "card"),
        ({"status": "s" * 101}, "invalid_id", "status"),
        ({"shipping": -1}, "invalid_amount", "shipping"),
        ({"custom": {"a": {"b": 1}}}, "invalid_custom", "custom.a"),
        ({"custom": {"a": "x" * 501}}, "invalid_custom", "custom.a"),
        ({"custom": [1]}, "invalid_custom", "custom"),
        ({"custom": {str(n): n for n in range(101)}}, "invalid_custom", "custom"),
        ({"lines": [{"productId": 1, "custom": {"a": []}}]}, "invalid_custom", "lines[0].custom.a"),
        ({"occurredAt": None}, "invalid_timestamp", "occurredAt"),
        ({"updatedAt": "new"}, "invalid_timestamp", "updatedAt"),
        ({"total": None}, "missing_total", "total"),
        ({"total": "much"}, "invalid_amount", "total"),
        ({"currency": 978}, "invalid_currency", "currency"),
        ({"returnOf": []}, "invalid_id", "returnOf"),
        ({"lines": {}}, "invalid_shape", "lines"),
        ({"lines": [{}]}, "missing_product_id", "lines[0]"),
        ({"lines": [{"productId": 1, "quantity": 1.5}]}, "invalid_quantity", "lines[0].quantity"),
        ({"custom": {"k" * 201: 1}}, "invalid_key", "custom"),
    ],
)
def test_a_bad_receipt_is_refused_with_code_and_path(
    changed: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        arrive(**changed)

    assert (refusal.value.code, refusal.value.path) == (code, path)
