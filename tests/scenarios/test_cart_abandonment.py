"""T01: an abandoned cart is followed by one reminder, and only by one."""

from decimal import Decimal

import pytest

from engine.events import CartItemAdded, OrderCompleted
from engine.products import Product
from engine.transactions import OrderPlaced, ReceiptIssued
from tests.support.story import MINUTE, Book, Story, campaign, one_campaign


def test_reminder_follows_half_an_hour_of_silence() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=31)

    assert story.sent == ["cart-mail"]


def test_nothing_is_sent_before_the_half_hour_is_over() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=30)

    assert story.sent == []


def test_a_later_add_restarts_the_clock() -> None:
    story = Story().consents().adds("shoes", at=1).adds("socks", at=29).wait(until=58)

    assert story.sent == []
    assert story.wait(until=59).sent == ["cart-mail"]


def test_a_purchase_cancels_the_reminder() -> None:
    story = Story().consents().adds("shoes", at=1).buys("shoes", at=10).wait(until=100)

    assert story.sent == []


def test_any_purchase_completes_whatever_was_bought() -> None:
    story = Story().consents().adds("shoes", at=1).buys("hat", at=10).wait(until=100)

    assert story.sent == []


def test_taking_the_last_item_out_cancels_the_reminder() -> None:
    story = Story().consents().adds("shoes", at=1).removes("shoes", at=2).wait(until=100)

    assert story.sent == []


def test_removing_does_not_restart_the_clock_unless_asked() -> None:
    story = Story().consents().adds("shoes", "socks", at=1).removes("socks", at=20)

    assert story.wait(until=31).sent == ["cart-mail"]


def test_any_change_restarts_the_clock_when_asked() -> None:
    definitions = one_campaign(campaign(reset_on="any_change"))
    story = Story(definitions).consents().adds("shoes", "socks", at=1).removes("socks", at=20)

    assert story.wait(until=49).sent == []
    assert story.wait(until=50).sent == ["cart-mail"]


def test_a_cart_seen_whole_is_a_cart() -> None:
    story = Story().consents().sees_cart("shoes", at=1).wait(until=31)

    assert story.sent == ["cart-mail"]


def test_after_a_reminder_the_next_add_arms_anew() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=40).adds("socks", at=50)

    assert story.wait(until=80).sent == ["cart-mail", "cart-mail"]
    assert story.messages[0].id != story.messages[1].id


def test_a_second_campaign_has_its_own_patience() -> None:
    slow = {**campaign(idle="2h"), "id": "last-chance"}
    book = Book().change(
        "templates",
        "cart-mail",
        "put",
        {
            "id": "cart-mail",
            "subject": "s",
            "text": "t",
        },
    )
    definitions = book.publish(campaign()).publish(slow).definitions
    story = Story(definitions).consents().adds("shoes", at=0).wait(until=120)

    assert [message.campaign for message in story.messages] == ["cart-reminder", "last-chance"]


@pytest.mark.parametrize("completed_by", ["receipt"])
def test_an_order_does_not_complete_what_only_a_receipt_may(completed_by: str) -> None:
    definitions = one_campaign(campaign(completed_by=completed_by))
    story = Story(definitions).consents().adds("shoes", "hat", at=1)

    story.event(
        OrderCompleted(
            id="o",
            occurred_at=5 * MINUTE,
            order_id="o",
            cart_id="another",
        )
    )

    assert "T01:cart-reminder:t" in story.row.timers


def test_only_the_same_cart_completes_when_asked() -> None:
    definitions = one_campaign(campaign(match="same_cart"))
    story = Story(definitions).consents().adds("shoes", "socks", at=1)

    story.buys("hat", at=2, order="other")
    assert "T01:cart-reminder:t" in story.row.timers

    story.adds("shoes", "socks", at=3).buys("socks", "shoes", at=4, order="same")
    assert story.row.timers == {}


def test_an_old_purchase_that_arrives_late_completes_nothing() -> None:
    story = Story().consents().adds("shoes", at=100)
    story.event(
        OrderCompleted(id="old", occurred_at=50 * MINUTE, order_id="old"), logged_at=101 * MINUTE
    )

    assert story.wait(until=130).sent == ["cart-mail"]


def test_late_news_of_an_earlier_add_never_shortens_the_wait() -> None:
    story = Story().consents().adds("shoes", at=20)
    [late] = Story().adds("socks", at=1).row.customer.containers["cart"].items
    assert late.added_at == 1 * MINUTE
    before = story.row.timers["T01:cart-reminder:t"].due_at

    story.adds("socks", at=1)

    assert story.row.timers["T01:cart-reminder:t"].due_at == before


def test_an_event_older_than_max_lateness_arms_nothing() -> None:
    body = campaign()
    body["triggers"] = [{"id": "t", "type": "T01", "max_lateness": "1h"}]
    story = Story(one_campaign(body)).consents().wait(until=0)
    story.says({"email": True}, at=200)

    story.adds("shoes", at=139)
    assert story.row.timers == {}
    story.adds("shoes", at=140)
    assert "T01:cart-reminder:t" in story.row.timers


def test_an_order_shown_again_completes_nothing_new() -> None:
    story = Story().consents().adds("shoes", at=1).buys("shoes", at=10)

    story.adds("socks", at=20).buys("shoes", at=25)

    assert story.wait(until=60).sent == ["cart-mail"]


def test_a_receipt_corrected_completes_nothing_new() -> None:
    story = Story().consents().adds("shoes", at=1).adds("hat", at=2)
    story.event(receipt(at=10, updated_at=1)).adds("socks", at=20)

    story.event(receipt(at=10, updated_at=2), logged_at=25 * MINUTE)

    assert story.wait(until=60).sent == ["cart-mail"]


def placed(*, at: int, status: str | None = None) -> OrderPlaced:
    return OrderPlaced(
        id=f"order/{at}",
        occurred_at=at * MINUTE,
        order_id="o9",
        updated_at=at,
        total=Decimal(10),
        status=status,
    )


def test_an_order_of_the_back_office_completes_the_cart() -> None:
    story = Story().consents().adds("shoes", at=1).event(placed(at=10))

    assert story.wait(until=60).sent == []


def test_an_order_of_the_back_office_is_no_receipt() -> None:
    story = Story(one_campaign(campaign(completed_by="receipt"))).consents()

    story.adds("shoes", at=1).event(placed(at=10))

    assert story.wait(until=60).sent == ["cart-mail"]


def test_an_order_that_is_cancelled_when_it_comes_completes_nothing() -> None:
    story = Story().consents().adds("shoes", at=1).event(placed(at=10, status="cancelled"))

    assert story.wait(until=60).sent == ["cart-mail"]


def test_an_order_seen_by_the_tracker_and_booked_later_completes_once() -> None:
    story = Story().consents().adds("shoes", at=1).buys("shoes", at=5, order="o9")

    story.adds("socks", at=20).event(placed(at=25))

    assert story.wait(until=60).sent == ["cart-mail"]


def test_late_news_after_the_reminder_is_no_second_silence() -> None:
    story = Story().consents().adds("shoes", at=20).wait(until=55)

    story.event(
        CartItemAdded(id="late", occurred_at=10 * MINUTE, product=Product(id="socks")),
        logged_at=60 * MINUTE,
    )

    assert story.wait(until=200).sent == ["cart-mail"]


def receipt(*, at: int, updated_at: int) -> ReceiptIssued:
    return ReceiptIssued(
        id=f"receipt/{updated_at}",
        occurred_at=at * MINUTE,
        receipt_id="r",
        updated_at=updated_at,
        total=Decimal(10),
    )
