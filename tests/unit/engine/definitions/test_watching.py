"""An event meets every trigger that it can be about, in the order of the campaigns, and no more."""

import pytest

from engine.catalogue import shelf
from engine.catalogue.shelf import Catalogue
from engine.definitions.folded import Definitions
from engine.events import (
    CartItemAdded,
    CategoryListed,
    CategoryViewed,
    OrderCompleted,
    ProductViewed,
    Tracked,
)
from engine.products import Product
from tests.support.journeys import journey, mail
from tests.support.story import Book

SHOES = Product(id="shoes")


def seen(product: str, category: str | None) -> ProductViewed:
    return ProductViewed(id="e", occurred_at=0, product=Product(id=product, category=category))


def watched(*triggers: dict[str, object]) -> Definitions:
    book = Book()
    book.change("templates", "first", "put", {"id": "first", "subject": "s", "text": "t"})
    for number, trigger in enumerate(triggers):
        book.publish({**journey({"one": mail("first")}, trigger=trigger), "id": f"c{number}"})
    return book.definitions


MANY = watched(
    {"type": "T31", "params": {"event": "Quote Asked"}},
    {"type": "T01"},
    {"type": "T31", "params": {"event": " product ADDED"}},
    {"type": "T08", "params": {"container": "wishlist"}},
    {"type": "T24", "params": {"days": 3}},
    {"type": "T31", "params": {"event": "Other", "sequence": {"then": "Third"}}},
)


@pytest.mark.parametrize(
    ("event", "met"),
    [
        (Tracked(id="e", occurred_at=0, name="quote asked"), ["c0", "c4", "c5"]),
        (Tracked(id="e", occurred_at=0, name="Nothing"), ["c4", "c5"]),
        (CartItemAdded(id="e", occurred_at=0, product=SHOES), ["c1", "c2", "c4", "c5"]),
        (
            CartItemAdded(id="e", occurred_at=0, product=SHOES, container="wishlist"),
            ["c3", "c4", "c5"],
        ),
        (OrderCompleted(id="e", occurred_at=0, order_id="o"), ["c1", "c4", "c5"]),
        (ProductViewed(id="e", occurred_at=0, product=SHOES), ["c4", "c5"]),
    ],
)
def test_an_event_meets_those_it_can_be_about(
    event: Tracked | CartItemAdded | OrderCompleted | ProductViewed, met: list[str]
) -> None:
    watchers = MANY.watching[type(event)]

    assert [live.campaign.id for live in watchers.met(event, shelf.empty())] == met


SEEN = watched(
    {"type": "T28", "params": {"products": ["shoes", "boots"]}},
    {"type": "T28", "params": {"categories": ["feet", "wear"]}},
    {"type": "T28", "params": {"categories": ["heads"]}},
    {"type": "T28", "params": {"products": ["hat"], "categories": ["feet"]}},
    {"type": "T29", "params": {"categories": ["feet"]}},
    {"type": "T28"},
)


def tree() -> Catalogue:
    """Sandals below feet below wear."""
    listed = shelf.Shelf()
    for offset, (own, parent) in enumerate([("wear", None), ("feet", "wear"), ("sandals", "feet")]):
        item = CategoryListed(
            id=own, occurred_at=0, category_id=own, parent_id=parent, updated_at=0
        )
        listed.apply(item, offset=offset)
    return listed.at(2)


@pytest.mark.parametrize(
    ("event", "met"),
    [
        (seen("boots", None), ["c0", "c5"]),
        (seen("flip-flop", "sandals"), ["c1", "c5"]),
        (seen("flip-flop", "heads"), ["c2", "c5"]),
        (seen("hat", "feet"), ["c1", "c3", "c5"]),
        (seen("scarf", None), ["c5"]),
        (CategoryViewed(id="e", occurred_at=0, name="n", category="sandals"), ["c4"]),
        (CategoryViewed(id="e", occurred_at=0, name="n", category="heads"), []),
    ],
)
def test_what_is_looked_at_meets_whoever_lists_it_or_a_category_above_it(
    event: ProductViewed | CategoryViewed, met: list[str]
) -> None:
    watchers = SEEN.watching[type(event)]

    assert [live.campaign.id for live in watchers.met(event, tree())] == met
