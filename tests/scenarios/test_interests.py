"""Interests by category as time passes: what is looked at, bought, and forgotten."""

from decimal import Decimal
from typing import Final

import msgspec
import pytest

from engine import interests
from engine.catalogue.shelf import Shelf
from engine.definitions.folded import Definitions
from engine.events import (
    CategoryListed,
    CategoryViewed,
    OrderCompleted,
    ProductListed,
    ProductViewed,
)
from engine.holdings import INTERESTS_MAX
from engine.interests import Bounds
from engine.products import Line, Product
from engine.transactions import ReceiptIssued
from tests.support.story import Book, Story

DAY: Final = 24 * 60
"""In the minutes of a story."""

DAY_MS: Final = DAY * 60_000
SETTINGS: Final = {"features": {"category_interest": True}, "interest_days": 10}


def definitions(settings: dict[str, object] | None = None) -> Definitions:
    """The shop sells monitors of two sizes, and mice."""
    shelf = Shelf()
    tree = {"24-inch monitors": "monitors", "27-inch monitors": "monitors", "monitors": None}
    for category, parent in tree.items():
        listed = CategoryListed(
            id=category, occurred_at=0, category_id=category, updated_at=0, parent_id=parent
        )
        shelf.apply(listed, offset=shelf.offset + 1)
    for product, category in {"m24": "24-inch monitors", "m27": "27-inch monitors"}.items():
        known = ProductListed(
            id=product, occurred_at=0, product_id=product, updated_at=0, category_id=category
        )
        shelf.apply(known, offset=shelf.offset + 1)
    book = Book().change("settings", "settings", "put", SETTINGS if settings is None else settings)
    return msgspec.structs.replace(book.definitions, catalogue=shelf.at(shelf.offset))


class Shopper(Story):
    """A customer who looks around."""

    def views(self, product: str, day: float, category: str | None = None) -> "Shopper":
        """A product's page."""
        viewed = Product(id=product, category=category)
        at = int(day * DAY_MS)
        self.event(ProductViewed(id=self._id(), occurred_at=at, product=viewed))
        return self

    def buys_product(self, product: str, day: float, category: str | None = None) -> "Shopper":
        """In the store."""
        self.event(
            ReceiptIssued(
                id=self._id(),
                occurred_at=int(day * DAY_MS),
                receipt_id=self._id(),
                updated_at=0,
                total=Decimal(1),
                lines=(Line(id=product, category=category),),
            )
        )
        return self

    def interests_on(self, day: float) -> list[str]:
        """What the tab would show."""
        bounds = Bounds(int(day * DAY_MS), 10 * DAY_MS)
        return [one.category for one in interests.strongest(self.row.customer, bounds)]


def shopper(settings: dict[str, object] | None = None) -> Shopper:
    return Shopper(definitions(settings))


def test_a_product_view_counts_for_its_category() -> None:
    """M023, M218: a 24-inch monitor is interest in 24-inch monitors."""
    assert shopper().views("m24", day=0).interests_on(day=0) == ["24-inch monitors"]


def test_the_catalogue_says_the_category_before_the_event() -> None:
    story = shopper().views("m24", day=0, category="sale").views("mouse", day=0, category="mice")

    assert story.interests_on(day=0) == ["24-inch monitors", "mice"]


def test_a_category_looked_at_is_interest_too() -> None:
    story = shopper()
    story.event(CategoryViewed(id="c", occurred_at=0, category="mice"))

    assert story.interests_on(day=0) == ["mice"]


def test_a_purchase_in_the_category_satisfies_the_interest() -> None:
    """M205."""
    story = shopper().views("m24", day=0).views("m27", day=0).buys_product("m24", day=1)

    assert story.interests_on(day=1) == ["27-inch monitors"]


def test_a_purchase_below_the_category_satisfies_it_and_one_above_does_not() -> None:
    story = shopper().views("m24", day=0)
    story.event(CategoryViewed(id="c", occurred_at=0, category="monitors"))

    story.buys_product("m27", day=1)

    assert story.interests_on(day=1) == ["24-inch monitors"]


def test_an_order_on_the_site_satisfies_as_a_receipt_does() -> None:
    story = shopper().views("m24", day=0)

    story.event(
        OrderCompleted(id="o", occurred_at=DAY_MS, order_id="o", products=(Product(id="m24"),))
    )

    assert story.interests_on(day=1) == []


def test_a_return_satisfies_nothing() -> None:
    story = shopper().views("m24", day=0)

    story.event(
        ReceiptIssued(
            id="r",
            occurred_at=DAY_MS,
            receipt_id="r",
            updated_at=0,
            total=Decimal(-1),
            lines=(Line(id="m24", quantity=-1),),
        )
    )

    assert story.interests_on(day=1) == ["24-inch monitors"]


def test_no_purchase_within_the_days_ends_the_interest() -> None:
    """M204, M206: it leaves as time passes, without any event."""
    story = shopper().views("m24", day=0)

    assert story.interests_on(day=9.99) == ["24-inch monitors"]
    assert story.interests_on(day=10) == []


def test_another_view_begins_the_days_again() -> None:
    story = shopper().views("m24", day=0).views("m24", day=8)

    assert story.interests_on(day=17) == ["24-inch monitors"]
    assert story.interests_on(day=18) == []


def test_a_view_after_the_purchase_is_interest_again() -> None:
    story = shopper().views("m24", day=0).buys_product("m24", day=1).views("m24", day=2)

    assert story.interests_on(day=2) == ["24-inch monitors"]


def test_a_view_that_comes_late_does_not_undo_the_purchase() -> None:
    story = shopper().buys_product("m24", day=1)
    late = ProductViewed(id="v", occurred_at=0, product=Product(id="m24"))

    story.event(late, logged_at=2 * DAY_MS)

    assert story.interests_on(day=2) == []


def test_only_the_ten_strongest_are_shown_the_strongest_first() -> None:
    """M207."""
    story = shopper()
    for number in range(12):
        for _ in range(number + 1):
            story.views("p", day=0, category=f"c{number:02}")

    assert story.interests_on(day=0) == [f"c{number:02}" for number in range(11, 1, -1)]


def test_older_views_count_less() -> None:
    story = shopper()
    for _ in range(3):
        story.views("old", day=0, category="old")
    for _ in range(2):
        story.views("new", day=9, category="new")

    assert story.interests_on(day=9) == ["new", "old"]


@pytest.mark.parametrize("settings", [{}, {"interest_days": 10}])
def test_switched_off_nothing_is_calculated(settings: dict[str, object]) -> None:
    """M208, M222."""
    story = shopper(settings).views("m24", day=0).buys_product("m24", day=1)

    assert story.row.customer.interests == {}
    assert story.row.customer.bought_in == {}


def test_beyond_the_cap_the_weakest_leave() -> None:
    story = shopper()
    for number in range(INTERESTS_MAX + 5):
        story.views("p", day=number / 100, category=f"c{number:03}")

    assert len(story.row.customer.interests) == INTERESTS_MAX
    assert "c000" not in story.row.customer.interests
