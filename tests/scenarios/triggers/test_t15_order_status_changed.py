"""T15: an order's status became another, by the source's own time."""

import pytest

from engine.transactions import OrderStatusChanged
from tests.support.journeys import fired, triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60


def says(story: Story, status: str, *, at: int, logged: int | None = None) -> Story:
    event = OrderStatusChanged(
        id=f"{status}-{at}", occurred_at=at * MINUTE, order_id="o1", delivery_status=status
    )
    return story.event(event, logged_at=None if logged is None else logged * MINUTE)


def delivery(**params: object) -> Story:
    return triggered("T15", field="delivery", **params)


def test_t15_a_change_fires_and_the_same_word_again_does_not() -> None:
    story = says(says(delivery(), "packed", at=1), "shipped", at=2)

    assert fired(says(story, "Shipped", at=3)) == 1


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"to": "shipped"}, 1),
        ({"from": "packed", "to": "shipped"}, 1),
        ({"from": "new"}, 0),
        ({"to": "packed"}, 1),
        ({"from": "packed"}, 1),
    ],
)
def test_t15_from_and_to(params: dict[str, object], count: int) -> None:
    assert fired(says(says(delivery(**params), "packed", at=1), "shipped", at=2)) == count


def test_t15_news_that_comes_after_later_news_changes_nothing() -> None:
    story = says(delivery(to="packed"), "shipped", at=10)

    assert fired(says(story, "packed", at=5, logged=11)) == 0


def test_t15_only_what_stays_so() -> None:
    story = says(delivery(to="held", dwell="1d"), "held", at=0)
    says(says(story, "shipped", at=60), "held", at=120)

    assert fired(story.wait(until=DAY + 119)) == 0
    assert fired(story.wait(until=DAY + 120)) == 1


def test_t15_another_field_is_not_asked() -> None:
    assert fired(says(triggered("T15", to="shipped"), "shipped", at=1)) == 0
