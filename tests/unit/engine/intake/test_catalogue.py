"""Products and categories at the door."""

from decimal import Decimal

import pytest

from engine.errors import RejectedError
from engine.events import CategoryListed, ProductListed
from engine.intake import backoffice, limits
from engine.intake.arrivals import Arrival, Listing, Origin
from streams import topics, wire

NOW = 1_800_000_000_000
ORIGIN = Origin(source="back-office", received_at=NOW, seed="s")
WHEN = "2026-11-22T10:00:00Z"


def arrival(kind: str, **said: object) -> Arrival | Listing:
    item: dict[str, object] = {"id": "x", "updatedAt": WHEN, **said}
    return backoffice.KINDS[kind](item, origin=ORIGIN)


def test_a_product_goes_to_the_catalogue_under_its_own_key() -> None:
    found = arrival(
        "products",
        name="Lamp",
        categoryId=12,
        price="9.90",
        stock=3,
        currency="eur",
        url="https://x/",
    )

    assert isinstance(found.event, ProductListed)
    assert (found.event.title, found.event.category_id) == ("Lamp", "12")
    assert (found.event.price, found.event.stock) == (Decimal("9.90"), Decimal(3))
    record = wire.record_of(found.key, found.event)
    assert (record.topic, record.partition, record.key) == (topics.CATALOGUE.name, 0, b"product/x")


def test_a_category_has_its_place_in_the_tree() -> None:
    found = arrival("categories", name="Lamps", parentId="home")

    assert isinstance(found.event, CategoryListed)
    assert (found.event.title, found.event.parent_id) == ("Lamps", "home")
    assert found.key == "category/x"


def test_a_time_ahead_of_ours_does_not_keep_later_words_out() -> None:
    event = arrival("products", updatedAt="2099-01-01T00:00:00Z").event

    assert isinstance(event, ProductListed)
    assert event.updated_at == NOW + limits.AHEAD_MAX_MS


@pytest.mark.parametrize(
    ("kind", "said", "code", "path"),
    [
        ("products", {"id": None}, "missing_id", "id"),
        ("products", {"id": ["x"]}, "invalid_id", "id"),
        ("products", {"updatedAt": None}, "invalid_timestamp", "updatedAt"),
        ("products", {"price": "-1"}, "invalid_amount", "price"),
        ("products", {"stock": "some"}, "invalid_amount", "stock"),
        ("products", {"currency": "euro"}, "invalid_currency", "currency"),
        ("categories", {"id": ""}, "missing_id", "id"),
        ("categories", {"parentId": "x"}, "invalid_id", "parentId"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    kind: str, said: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as caught:
        arrival(kind, **said)

    assert (caught.value.code, caught.value.path) == (code, path)
