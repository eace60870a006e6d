"""The catalogue: the newest word by source time, readable as it was at any offset."""

from decimal import Decimal

import pytest

from engine.catalogue import items
from engine.catalogue.shelf import Catalogue, Shelf
from engine.events import CategoryListed, Listed, ProductListed
from engine.products import Product


def lamp(price: int, *, at: int, category: str | None = None) -> ProductListed:
    return ProductListed(
        id=f"p{at}",
        occurred_at=at,
        product_id="lamp",
        updated_at=at,
        price=Decimal(price),
        category_id=category,
    )


def node(category: str, parent: str | None = None, *, at: int = 1) -> CategoryListed:
    return CategoryListed(
        id=category, occurred_at=at, category_id=category, updated_at=at, parent_id=parent
    )


def shelf(*listed: Listed | None, replaced_max: int = 100) -> Shelf:
    found = Shelf(replaced_max=replaced_max)
    for offset, one in enumerate(listed):
        found.apply(one, offset=offset)
    return found


def prices(known: Catalogue) -> Decimal | None:
    product = known.product("lamp")
    return None if product is None else product.price


def test_a_window_shows_what_stood_at_its_offset_whatever_came_later() -> None:
    """Promise 7: a partition decides under the catalogue of its last switch."""
    known = shelf(lamp(1, at=1))
    early = known.at(0)

    known.apply(lamp(2, at=2), offset=1)
    known.apply(lamp(3, at=3), offset=2)

    assert [prices(known.at(offset)) for offset in (-1, 0, 1, 2)] == [None, 1, 2, 3]
    assert prices(early) == 1


def test_the_newest_by_source_time_stands() -> None:
    known = shelf(lamp(2, at=2), lamp(1, at=1))

    assert prices(known.at(1)) == 2


def test_of_two_at_one_time_the_later_in_the_log_stands() -> None:
    """As compaction keeps it."""
    assert prices(shelf(lamp(1, at=1), lamp(2, at=1)).at(1)) == 2


def test_what_compaction_would_lose_is_to_be_said_again() -> None:
    known = shelf(lamp(2, at=2), lamp(1, at=1))
    [again] = known.outvoted()

    known.apply(again, offset=2)

    assert isinstance(again, ProductListed)
    assert (again.price, again.updated_at) == (Decimal(2), 2)
    assert known.outvoted() == []
    assert prices(known.at(2)) == 2


def test_a_window_ahead_of_the_fold_is_refused() -> None:
    with pytest.raises(LookupError):
        shelf(lamp(1, at=1)).at(1)


def test_an_unreadable_record_only_moves_the_offset() -> None:
    known = shelf(lamp(1, at=1), None)

    assert known.offset == 1
    assert prices(known.at(1)) == 1


def test_replaced_versions_are_bounded() -> None:
    known = shelf(*(lamp(price, at=price) for price in range(10)), replaced_max=3)

    assert [prices(known.at(offset)) for offset in range(10)] == [None] * 6 + [6, 7, 8, 9]
    assert sum(map(len, known.replaced_listings.values())) == 3


def test_the_category_is_the_catalogues_word_before_the_events() -> None:
    known = shelf(lamp(1, at=1, category="lamps")).at(0)

    assert known.category_of(Product(id="lamp", category="light")) == "lamps"
    assert known.category_of(Product(id="chair", category="chairs")) == "chairs"
    assert known.category_of(Product(id="chair")) is None


def test_a_lineage_leads_to_the_root() -> None:
    known = shelf(node("home"), node("light", "home"), node("lamps", "light")).at(2)

    assert known.lineage("lamps") == ["lamps", "light", "home"]
    assert known.lineage("unlisted") == ["unlisted"]


def test_a_circle_of_categories_ends() -> None:
    known = shelf(node("a", "b"), node("b", "a")).at(1)

    assert known.lineage("a") == ["a", "b"]


@pytest.mark.parametrize("listed", [lamp(1, at=1, category="x"), node("a", "b")])
def test_a_record_can_be_made_again_from_what_is_kept(listed: Listed) -> None:
    again = items.listed_of(items.item_of(listed, offset=0))

    assert items.item_of(again, offset=0) == items.item_of(listed, offset=0)
