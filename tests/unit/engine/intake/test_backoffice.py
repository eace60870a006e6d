"""Objects of the back office that say themselves what they are."""

from typing import Final

import pytest

from engine.errors import RejectedError
from engine.intake import backoffice
from engine.intake.arrivals import Origin
from engine.transactions import ReceiptIssued

ORIGIN: Final = Origin(source="transactions", received_at=1_795_348_800_000, seed="seed")
RECEIPT: Final[dict[str, object]] = {
    "id": "r1",
    "customerId": "17",
    "occurredAt": "2026-11-22T11:00:00Z",
    "updatedAt": "2026-11-22T11:00:00Z",
    "total": "9.90",
}


def test_an_object_is_what_its_type_says() -> None:
    arrival = backoffice.arrive({"type": "receipt", **RECEIPT}, origin=ORIGIN)

    assert isinstance(arrival.event, ReceiptIssued)


def test_the_type_changes_nothing_of_the_object() -> None:
    by_path = backoffice.KINDS["receipts"](dict(RECEIPT), origin=ORIGIN)

    assert backoffice.arrive({"type": "receipt", **RECEIPT}, origin=ORIGIN) == by_path


@pytest.mark.parametrize("named", ["charge", "", None, 1, ["receipt"]])
def test_an_object_of_no_known_type_is_refused(named: object) -> None:
    with pytest.raises(RejectedError) as refused:
        backoffice.arrive({"type": named, **RECEIPT}, origin=ORIGIN)

    assert (refused.value.code, refused.value.path) == ("unknown_type", "type")


@pytest.mark.parametrize(
    ("kind", "one"),
    [
        ("receipts", "receipt"),
        ("order-status", "order-status"),
        ("categories", "category"),
        ("bonus-balances", "bonus-balance"),
    ],
)
def test_one_object_is_called_by_the_singular(kind: str, one: str) -> None:
    assert backoffice.singular(kind) == one
