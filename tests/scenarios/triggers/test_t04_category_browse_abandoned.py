"""T04: categories looked at and left."""

from engine.events import CategoryViewed, ProductViewed
from engine.products import Product
from tests.support.journeys import fired, triggered
from tests.support.story import MINUTE, Story


def looks(story: Story, product: str, category: str, *, at: int) -> Story:
    shown = Product(id=product, category=category)
    return story.event(ProductViewed(id=f"{product}-{at}", occurred_at=at * MINUTE, product=shown))


def opens(story: Story, category: str, *, at: int) -> Story:
    return story.event(
        CategoryViewed(id=f"{category}-{at}", occurred_at=at * MINUTE, category=category)
    )


def test_t04_several_categories_give_one_firing_with_the_most_looked_at_first() -> None:
    story = opens(triggered("T04"), "hats", at=1)
    looks(opens(looks(story, "a", "shoes", at=1), "shoes", at=2), "b", "shoes", at=3)

    assert fired(story.wait(until=62)) == 0
    assert fired(story.wait(until=63)) == 1
    event = story.messages[0].context["event"]
    assert isinstance(event, dict)
    assert [(one["id"], one["views"]) for one in event["categories"]] == [("shoes", 3), ("hats", 1)]


def test_t04_a_category_needs_so_many_looks() -> None:
    assert fired(opens(triggered("T04", min_views=2), "hats", at=1).wait(until=100)) == 0


def test_t04_what_of_it_is_in_the_cart_or_was_bought_since_is_left_out() -> None:
    story = looks(triggered("T04"), "a", "shoes", at=1).buys("x", at=2)

    assert fired(story.wait(until=100)) == 0


def test_t04_only_the_categories_that_are_asked_for() -> None:
    assert fired(opens(triggered("T04", categories=["hats"]), "shoes", at=1).wait(until=100)) == 0
    assert fired(opens(triggered("T04", categories=["hats"]), "hats", at=1).wait(until=100)) == 1
