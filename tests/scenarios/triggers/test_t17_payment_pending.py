"""T17: an order waits too long for its payment."""

import pytest

from engine.transactions import OrderStatusChanged
from tests.support.journeys import fired, triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60


def says(story: Story, *, at: int, order: str = "o1", **statuses: str) -> Story:
    return story.event(
        OrderStatusChanged(
            id=f"{order}-{at}",
            occurred_at=at * MINUTE,
            order_id=order,
            status=statuses.get("status"),
            payment_status=statuses.get("payment_status"),
        )
    )


def pending() -> Story:
    return says(triggered("T17"), at=0, payment_status="Pending")


def test_t17_each_order_on_its_own() -> None:
    story = says(pending(), at=60, order="o2", payment_status="pending")

    assert fired(story.wait(until=DAY)) == 1
    assert fired(story.wait(until=DAY + 60)) == 2


@pytest.mark.parametrize("word", [{"payment_status": "paid"}, {"status": "cancelled"}])
def test_t17_is_cancelled_by_payment_or_with_the_order(word: dict[str, str]) -> None:
    assert fired(says(pending(), at=5, **word).wait(until=2 * DAY)) == 0


def test_t17_a_message_on_its_way_is_not_sent_after_the_payment() -> None:
    story = pending().wait(until=DAY)
    [message] = story.messages
    says(story, at=DAY + 1, payment_status="paid").rechecks(message, at=DAY + 2)

    assert story.reasons[-1] == "not_sent: completed"
