"""T43: the date of a customer, an order, a receipt or an object of the shop's own."""

import pytest

from tests.scenarios.triggers.test_purchases import placed, receipt
from tests.scenarios.triggers.test_t42_anniversary import days, on, says
from tests.support.journeys import fired, tracks, triggered

DAY = 24 * 60


def test_t43_the_date_of_a_customer_fires_and_moves_with_it() -> None:
    story = says(triggered("T43", field="passport", offset="-3d"), at=1, passport="1970-02-10")
    says(story, at=2, passport="1970-03-10T12:00:00Z")

    assert days(story.wait(until=on(1970, 12, 31))) == ["1970-03-07 12:00"]


def test_t43_at_a_time_of_day_and_hours_from_it() -> None:
    story = triggered("T43", field="passport", offset="-2h", at_time="18:00")

    assert days(says(story, at=1, passport="1970-02-10").wait(until=on(1970, 3, 1))) == [
        "1970-02-10 16:00"
    ]


@pytest.mark.parametrize(("policy", "count"), [("skip", 0), ("fire_now", 1)])
def test_t43_a_date_that_is_over_when_it_is_told(policy: str, count: int) -> None:
    story = triggered("T43", field="passport", past_policy=policy)
    says(story, at=5 * DAY, passport="1970-01-02")

    assert fired(says(story, at=6 * DAY, passport="1970-01-02", name="Ada")) == count


def test_t43_each_order_has_a_date_of_its_own() -> None:
    story = triggered("T43", object="order", field="custom.pickup")
    story.event(placed("o1", at=1, custom={"pickup": "1970-01-05"}))
    story.event(placed("o2", at=1, custom={"pickup": "1970-01-06"}))
    story.event(placed("o1", at=1, custom={"pickup": "1970-01-07"}, updated_at=2 * 60_000))

    assert days(story.wait(until=30 * DAY)) == ["1970-01-06 00:00", "1970-01-07 00:00"]


def test_t43_an_order_that_is_told_again_after_its_date_fires_no_more() -> None:
    story = triggered("T43", object="order", field="custom.pickup", past_policy="fire_now")
    story.event(placed("o1", at=1, custom={"pickup": "1970-01-02"})).wait(until=2 * DAY)
    story.event(
        placed("o1", at=2 * DAY, custom={"pickup": "1970-01-02"}, updated_at=2 * DAY * 60_000)
    )

    assert fired(story) == 1


def test_t43_the_date_of_a_receipt() -> None:
    story = triggered("T43", object="receipt", field="custom.warranty_until", offset="-1d")
    story.event(receipt("r1", at=1, custom={"warranty_until": "1970-01-09"}))

    assert days(story.wait(until=30 * DAY)) == ["1970-01-08 00:00"]


def test_t43_the_date_of_an_object_that_events_tell_of() -> None:
    story = triggered("T43", object="event", event="Booked", field="properties.day", offset="-1d")
    tracks(story, "Booked", at=1, id="a", day="1970-01-05")
    tracks(story, "Booked", at=2, id="b", day="1970-01-08")
    tracks(story, "Booked", at=3, id="a", day="1970-01-06")

    assert days(story.wait(until=30 * DAY)) == ["1970-01-05 00:00", "1970-01-07 00:00"]
