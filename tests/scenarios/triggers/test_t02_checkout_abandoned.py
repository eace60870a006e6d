"""T02: a checkout begun and not brought to an end; of the same cart T01 says nothing."""

from tests.support.journeys import book, fired, journey, mail, tracks, triggered
from tests.support.story import Story

HOUR = 60


def begins(story: Story, *, at: int, checkout: str = "c1", **said: object) -> Story:
    return tracks(story, "Checkout Started", at=at, checkout_id=checkout, **said)


def both() -> Story:
    """A cart reminder after half an hour, a checkout reminder after an hour."""
    cart = journey({"one": mail("first")})
    checkout = {
        **journey({"one": mail("second")}, trigger={"type": "T02", "params": {"idle": "1h"}}),
        "id": "checkout",
    }
    return Story(book(cart).publish(checkout).definitions).consents()


def test_t02_each_step_moves_the_hour_on() -> None:
    story = begins(triggered("T02"), at=0)
    tracks(story, "Checkout Step Viewed", at=40, checkout_id="c1", step=2)

    assert fired(story.wait(until=99)) == 0
    assert fired(story.wait(until=100)) == 1
    assert story.messages[0].context["event"] == {
        "checkout_id": "c1",
        "cart_id": None,
        "step": 2,
        "at": 40 * 60_000,
    }


def test_t02_a_purchase_ends_the_checkout() -> None:
    story = begins(triggered("T02"), at=0).buys("shoes", at=10)

    assert fired(story.wait(until=5 * HOUR)) == 0


def test_t02_a_word_that_comes_after_the_purchase_it_led_to_begins_nothing() -> None:
    """An app that was offline tells of the checkout late."""
    story = triggered("T02").buys("shoes", at=10)

    begins(story, at=9)

    assert fired(story.wait(until=5 * HOUR)) == 0


def test_t02_an_order_does_not_end_what_a_receipt_is_to_end() -> None:
    story = begins(triggered("T02", completed_by="receipt"), at=1)
    assert story.row.customer.checkout is not None

    story.buys("shoes", at=0, order="before").wait(until=2 * HOUR)

    assert fired(story) == 1


def test_t02_only_those_who_got_so_far() -> None:
    story = begins(triggered("T02", from_step=2), at=0)
    assert fired(story.wait(until=2 * HOUR)) == 0

    tracks(story, "Checkout Step Viewed", at=3 * HOUR, checkout_id="c1", step=2)
    assert fired(story.wait(until=4 * HOUR)) == 1


def test_t02_a_checkout_without_an_id_is_none() -> None:
    assert fired(tracks(triggered("T02"), "Checkout Started", at=0).wait(until=2 * HOUR)) == 0


def test_t02_keeps_t01_silent_about_the_same_cart() -> None:
    story = begins(both().adds("shoes", at=0), at=5).wait(until=5 * HOUR)

    assert story.sent == ["second"]


def test_t02_leaves_a_cart_that_was_filled_on_after_its_reminder_to_t01() -> None:
    story = begins(both().adds("shoes", at=0), at=5).wait(until=5 * HOUR)

    assert story.adds("hat", at=6 * HOUR).wait(until=9 * HOUR).sent == ["second", "first"]


def test_t02_of_another_cart_leaves_this_one_to_t01() -> None:
    story = begins(both(), at=0, cart_id="old").sees_cart("shoes", at=1).wait(until=40)

    assert story.sent == ["first"]
