"""T03, T06, T24, T25 and T27 to T29: what looking at things fires."""

from decimal import Decimal

import msgspec
import pytest

from engine.events import CategoryViewed, PageViewed, ProductViewed, Tracked
from engine.products import Product
from tests.support.journeys import tracks, triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60


def looks(
    story: Story, product: str, *, at: int, category: str = "shoes", price: int = 10
) -> Story:
    shown = Product(id=product, category=category, price=Decimal(price))
    return story.event(ProductViewed(id=f"{product}-{at}", occurred_at=at * MINUTE, product=shown))


def opens(story: Story, url: str, *, at: int) -> Story:
    return story.event(PageViewed(id=f"page-{at}", occurred_at=at * MINUTE, url=url))


def searches(story: Story, *, at: int) -> Story:
    return story.event(Tracked(id=f"s-{at}", occurred_at=at * MINUTE, name="Products Searched"))


def fired(story: Story) -> int:
    return story.reasons.count("fired")


def test_t03_several_products_give_one_firing_with_the_list_of_them() -> None:
    story = looks(looks(triggered("T03"), "a", at=1), "b", at=30)

    assert fired(story.wait(until=89)) == 0
    assert fired(story.wait(until=90)) == 1
    assert story.messages[0].context["event"] == {
        "products": [{"id": "b", "category": "shoes"}, {"id": "a", "category": "shoes"}],
        "count": 2,
    }


def test_t03_what_is_in_the_cart_or_was_bought_since_is_left_out() -> None:
    story = looks(looks(triggered("T03", min_views=2), "a", at=1), "b", at=2).adds("a", at=3)
    assert fired(story.wait(until=100)) == 0

    bought = looks(looks(triggered("T03"), "a", at=1), "b", at=2).buys("hat", at=3)
    assert fired(bought.wait(until=100)) == 0


def test_t03_only_views_of_the_category_within_the_window_count() -> None:
    story = looks(triggered("T03", categories=["shoes"], window="30m"), "hat", at=1, category="h")
    assert fired(looks(story, "a", at=2).wait(until=100)) == 1

    late = looks(triggered("T03", min_views=2, window="30m"), "a", at=1)
    assert fired(looks(late, "b", at=40).wait(until=200)) == 0


def test_t03_a_second_mail_is_not_sent_after_a_purchase() -> None:
    story = looks(triggered("T03"), "a", at=1).wait(until=61)
    [message] = story.messages
    story.buys("a", at=70).rechecks(message, at=80)

    assert story.reasons[-1] == "not_sent: completed"


def test_t06_a_search_without_a_purchase_fires_and_one_with_does_not() -> None:
    assert fired(searches(triggered("T06"), at=1).wait(until=61)) == 1
    assert fired(searches(triggered("T06"), at=1).buys("hat", at=5).wait(until=61)) == 0


def test_t24_each_visit_moves_the_day_on() -> None:
    story = opens(opens(triggered("T24", days=30), "/", at=0), "/", at=5 * DAY)

    assert fired(story.wait(until=35 * DAY - 1)) == 0
    assert fired(story.wait(until=35 * DAY)) == 1


def test_t25_the_return_is_measured_from_the_visit_before() -> None:
    story = opens(opens(triggered("T25", absence_days=30), "/", at=1), "/", at=29 * DAY)
    assert fired(story) == 0

    assert fired(opens(opens(story, "/", at=59 * DAY), "/", at=59 * DAY + 1)) == 1


@pytest.mark.parametrize(
    ("pattern", "count"),
    [("*/sale/*", 1), ("https://s.example/sale/shoes?a=[1]", 1), ("*/sale", 0), ("*shoes", 0)],
)
def test_t27_a_page_is_found_by_its_pattern(pattern: str, count: int) -> None:
    story = opens(triggered("T27", url=pattern), "https://s.example/sale/shoes?a=[1]", at=1)

    assert fired(story) == count


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 1),
        ({"products": ["a"]}, 1),
        ({"products": ["b"]}, 0),
        ({"categories": ["shoes"]}, 1),
        ({"categories": ["hats"]}, 0),
        ({"max_price": "9.99"}, 0),
    ],
)
def test_t28_a_product_of_those_asked_for(params: dict[str, object], count: int) -> None:
    assert fired(looks(triggered("T28", **params), "a", at=1)) == count


@pytest.mark.parametrize(("wanted", "count"), [([], 1), (["shoes"], 1), (["hats"], 0)])
def test_t29_a_category_of_those_asked_for(wanted: list[str], count: int) -> None:
    story = triggered("T29", categories=wanted)

    assert fired(story.event(CategoryViewed(id="v", occurred_at=MINUTE, category="shoes"))) == count


def test_t24_at_a_time_of_day_by_one_source() -> None:
    story = triggered("T24", days=2, at_time="10:00", source="app")
    seen = PageViewed(id="a", occurred_at=12 * 60 * MINUTE, url="/", source="app")
    story.event(seen).event(PageViewed(id="b", occurred_at=DAY * MINUTE, url="/", source="web"))

    assert fired(story.wait(until=2 * DAY + 10 * 60 - 1)) == 0
    assert fired(story.wait(until=2 * DAY + 10 * 60)) == 1


def test_t25_the_return_to_one_source() -> None:
    story = triggered("T25", absence_days=3, source="app")
    for at, source in ((0, "app"), (2, "web"), (4, "app")):
        story.event(PageViewed(id=f"{at}", occurred_at=at * DAY * MINUTE, url="/", source=source))

    assert fired(story) == 1


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"query_filter": "red*"}, 1),
        ({"query_filter": "blue*"}, 0),
        ({"zero_results_only": True}, 1),
    ],
)
def test_t06_only_such_searches(params: dict[str, object], count: int) -> None:
    story = triggered("T06", **params)
    tracks(story, "Products Searched", at=1, query="Red shoes", results=0)

    assert fired(story.wait(until=61)) == count


def test_t06_a_search_that_found_something() -> None:
    story = tracks(triggered("T06", zero_results_only=True), "Products Searched", at=1, results=3)

    assert fired(story.wait(until=61)) == 0


def test_t27_so_often_within_the_window_and_so_long() -> None:
    story = triggered("T27", url="*", times=2, window="1h", min_seconds=10)
    for at, seconds in ((0, 10), (30, 9), (61, 20), (62, 20)):
        said = msgspec.Raw(msgspec.json.encode({"seconds": seconds}))
        story.event(PageViewed(id=f"{at}", occurred_at=at * MINUTE, url="/", properties=said))

    assert fired(story) == 1


def test_t28_so_often_within_the_window() -> None:
    story = looks(looks(triggered("T28", times=3), "a", at=1), "b", at=2)
    assert fired(story) == 0

    assert fired(looks(story, "a", at=3)) == 1


def test_t29_so_often_within_the_window() -> None:
    story = triggered("T29", times=2)
    for at in (1, 2, 3):
        story.event(CategoryViewed(id=f"v{at}", occurred_at=at * MINUTE, category="shoes"))

    assert fired(story) == 1
