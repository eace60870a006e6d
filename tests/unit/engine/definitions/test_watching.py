"""An event meets every trigger that it can be about, in the order of the campaigns, and no more."""

import pytest

from engine.definitions.folded import Definitions
from engine.events import CartItemAdded, OrderCompleted, ProductViewed, Tracked
from engine.products import Product
from tests.support.journeys import journey, mail
from tests.support.story import Book

SHOES = Product(id="shoes")


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

    assert [live.campaign.id for live in watchers.met(event)] == met
