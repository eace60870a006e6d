"""T13 to T22: what receipts and orders fire, and what they do not."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from engine.events import (
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
)
from engine.products import Line, Product
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued
from tests.support.journeys import triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60


def receipt(name: str, *, at: int, total: int = 20, **fields: object) -> ReceiptIssued:
    said = {"updated_at": at * MINUTE, **fields}
    return ReceiptIssued(
        id=f"{name}-{said['updated_at']}",
        occurred_at=at * MINUTE,
        receipt_id=name,
        total=Decimal(total),
        **said,  # type: ignore[arg-type]  # fields of a receipt, as the test names them
    )


def placed(name: str, *, at: int, total: int = 20, **fields: object) -> OrderPlaced:
    said = {"updated_at": at * MINUTE, **fields}
    return OrderPlaced(
        id=f"{name}-{said['updated_at']}",
        occurred_at=at * MINUTE,
        order_id=name,
        total=Decimal(total),
        **said,  # type: ignore[arg-type]  # fields of an order, as the test names them
    )


def lines(*products: str, category: str | None = None, price: int = 10) -> tuple[Line, ...]:
    return tuple(Line(id=one, category=category, price=Decimal(price)) for one in products)


def fired(story: Story) -> int:
    return story.reasons.count("fired")


def test_t13_a_receipt_fires_once_however_often_it_is_corrected_or_repeated() -> None:
    story = triggered("T13").event(receipt("r1", at=1))
    story.event(receipt("r1", at=1, total=30, updated_at=2 * MINUTE))
    story.event(receipt("r1", at=1, updated_at=3 * MINUTE))

    assert (fired(story), story.sent) == (1, ["first"])


def test_t13_a_return_is_no_purchase() -> None:
    story = triggered("T13").event(receipt("r1", at=1))

    assert fired(story.event(receipt("r2", at=2, total=-20, return_of="r1"))) == 1


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"stores": ["north"]}, 1),
        ({"stores": ["south"]}, 0),
        ({"min_amount": "20", "max_amount": "20"}, 1),
        ({"min_amount": "20.01"}, 0),
        ({"first_only": True}, 1),
        ({"nth_purchase": 2}, 0),
        ({"sources": ["till"]}, 1),
        ({"sources": ["web"]}, 0),
        ({"products": ["hat"], "categories": ["hats"]}, 1),
        ({"products": ["shoes"]}, 0),
    ],
)
def test_t13_only_the_receipts_that_are_asked_for(params: dict[str, object], count: int) -> None:
    fields: dict[str, Any] = {
        "store_id": "north",
        "source": "till",
        "lines": lines("hat", category="hats"),
    }

    assert fired(triggered("T13", **params).event(receipt("r", at=1, **fields))) == count


def test_t13_the_second_purchase_is_the_second_net_of_what_was_given_back() -> None:
    story = triggered("T13", nth_purchase=2).event(receipt("r1", at=1))
    story.event(receipt("b1", at=2, total=-20, return_of="r1")).event(receipt("r2", at=3))
    assert fired(story) == 0

    assert fired(story.event(receipt("r3", at=4))) == 1


def test_t13_tills_that_report_three_days_late_still_fire_and_no_later() -> None:
    story = triggered("T13")
    story.event(receipt("r1", at=0), logged_at=3 * DAY * MINUTE)
    story.event(receipt("r2", at=0), logged_at=3 * DAY * MINUTE + 1)

    assert fired(story) == 1


def test_t14_an_order_of_tracker_and_back_office_fires_once() -> None:
    story = triggered("T14").buys("hat", at=1, order="o1").event(placed("o1", at=2))

    assert fired(story) == 1


@pytest.mark.parametrize(("status", "count"), [("New", 1), ("shipped", 0), (None, 0)])
def test_t14_only_orders_of_the_status(status: str | None, count: int) -> None:
    story = triggered("T14", statuses=["new"])

    assert fired(story.event(placed("o", at=1, status=status))) == count


def test_t14_the_amount_of_an_order_without_total_is_that_of_its_products() -> None:
    story = triggered("T14", min_amount="20")
    pair = Product(id="shoe", price=Decimal(10), quantity=2)
    story.event(OrderCompleted(id="a", occurred_at=MINUTE, order_id="a", products=(pair,)))

    assert fired(story) == 1


def test_t16_a_cancellation_fires_once_whoever_says_it() -> None:
    story = triggered("T16").event(placed("o1", at=1))
    story.event(OrderCancelled(id="c", occurred_at=2 * MINUTE, order_id="o1"))
    story.event(
        OrderStatusChanged(id="s", occurred_at=3 * MINUTE, order_id="o1", status="cancelled")
    )

    assert fired(story) == 1


def test_t16_a_correction_that_makes_an_order_cheaper_is_no_refund() -> None:
    story = triggered("T16", what="refunded").event(placed("o1", at=1))

    assert fired(story.event(placed("o1", at=1, total=15, updated_at=2 * MINUTE))) == 0


@pytest.mark.parametrize(
    ("partial", "back", "count"),
    [("any", 5, 1), ("any", 20, 1), ("full", 5, 0), ("full", 20, 1), ("partial", 20, 0)],
)
def test_t16_a_refund_of_all_or_of_some(partial: str, back: int, count: int) -> None:
    story = triggered("T16", what="refunded", partial=partial).event(placed("o1", at=1))
    refund = OrderRefunded(
        id="r", occurred_at=2 * MINUTE, order_id="o1", total=Decimal(back), currency=None
    )

    assert fired(story.event(refund)) == count


def test_t18_an_item_bought_fires_by_receipt_and_not_again_by_its_order() -> None:
    story = triggered("T18", products=["hat"]).buys("hat", at=1)
    assert fired(story) == 0

    story.event(receipt("r1", at=2, lines=lines("shoes", "hat")))
    assert fired(story.event(receipt("r2", at=3, lines=lines("shoes")))) == 1


def test_t18_so_many_pieces_are_asked_for() -> None:
    story = triggered("T18", products=["hat"], min_quantity=2, of="order")
    one, two = (Product(id="hat", quantity=quantity) for quantity in (1, 2))
    story.event(OrderCompleted(id="a", occurred_at=MINUTE, order_id="a", products=(one,)))
    assert fired(story) == 0

    story.event(OrderCompleted(id="b", occurred_at=2 * MINUTE, order_id="b", products=(two,)))
    assert fired(story) == 1


def test_t19_something_of_the_category_at_the_price() -> None:
    story = triggered("T19", categories=["shoes"], min_price="10", max_price="10")
    story.event(receipt("r1", at=1, lines=lines("a", category="hats")))
    story.event(receipt("r2", at=2, lines=lines("b", category="shoes", price=11)))
    assert fired(story) == 0

    assert fired(story.event(receipt("r3", at=3, lines=lines("c", category="shoes")))) == 1


def test_t21_a_new_purchase_moves_the_day_on() -> None:
    story = triggered("T21", days=10).event(receipt("r1", at=0)).event(receipt("r2", at=5 * DAY))

    assert fired(story.wait(until=15 * DAY - 1)) == 0
    assert fired(story.wait(until=15 * DAY)) == 1
    assert fired(story.wait(until=100 * DAY)) == 1


def test_t21_a_cancelled_purchase_moves_the_day_back() -> None:
    story = triggered("T21", days=10).event(receipt("r1", at=0)).event(receipt("r2", at=5 * DAY))
    gone = receipt("r2", at=5 * DAY, status="cancelled", updated_at=(5 * DAY + 1) * MINUTE)

    assert fired(story.event(gone).wait(until=10 * DAY)) == 1


def test_t21_a_purchase_that_was_told_too_late_to_arm_is_none_to_fire_without() -> None:
    story = triggered("T21", days=10).event(receipt("r1", at=0))
    story.event(receipt("r2", at=5 * DAY), logged_at=8 * DAY * MINUTE)

    assert fired(story.wait(until=30 * DAY)) == 0


def test_t22_days_after_the_second_purchase_and_never_again() -> None:
    story = triggered("T22", n=2, days=3)
    for number, at in enumerate([0, DAY, 2 * DAY]):
        story.event(receipt(f"r{number}", at=at))

    assert fired(story.wait(until=4 * DAY - 1)) == 0
    assert fired(story.wait(until=4 * DAY)) == 1
    assert fired(story.wait(until=40 * DAY)) == 1


def test_t22_a_purchase_given_back_since_is_none() -> None:
    story = triggered("T22", n=1, days=3).event(receipt("r1", at=0))
    story.event(receipt("b1", at=DAY, total=-20, return_of="r1"))

    assert fired(story.wait(until=4 * DAY)) == 0


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"payment_statuses": ["Paid"]}, 1),
        ({"delivery_statuses": ["sent"]}, 0),
        ({"products": ["hat"]}, 1),
        ({"categories": ["shoes"]}, 0),
    ],
)
def test_t14_only_orders_like_that(params: dict[str, object], count: int) -> None:
    order = placed("o", at=1, payment_status="paid", lines=lines("hat", category="hats"))

    assert fired(triggered("T14", **params).event(order)) == count


@pytest.mark.parametrize(("low", "count"), [("20", 1), ("20.01", 0)])
def test_t16_so_much_of_it_was_given_back(low: str, count: int) -> None:
    story = triggered("T16", min_amount=low).event(placed("o1", at=1))

    assert fired(story.event(OrderCancelled(id="c", occurred_at=2, order_id="o1"))) == count


def test_t21_at_a_time_of_day() -> None:
    story = triggered("T21", days=2, at_time="10:00").event(receipt("r1", at=12 * 60))

    assert fired(story.wait(until=2 * DAY + 10 * 60 - 1)) == 0
    assert fired(story.wait(until=2 * DAY + 10 * 60)) == 1


def test_t21_goes_by_purchases_of_those_lines_alone() -> None:
    story = triggered("T21", days=2, products=["hat"])
    story.event(receipt("r1", at=0, lines=lines("hat")))
    story.event(receipt("r2", at=DAY, lines=lines("shoes")))

    assert fired(story.wait(until=2 * DAY)) == 1


def test_t22_at_a_time_of_day() -> None:
    story = triggered("T22", days=1, at_time="10:00").event(receipt("r1", at=12 * 60))

    assert fired(story.wait(until=DAY + 10 * 60 - 1)) == 0
    assert fired(story.wait(until=DAY + 10 * 60)) == 1


def test_t13_a_receipt_with_all_that_its_source_said_fires() -> None:
    """What came is kept in the event as raw bytes; templates and conditions see its fields."""
    story = triggered("T13")
    said = msgspec.Raw(b'{"id":"r","total":10,"till":"3"}')
    story.event(
        ReceiptIssued(
            id="r", occurred_at=0, receipt_id="r", updated_at=1, total=Decimal(10), properties=said
        )
    )

    assert story.sent == ["first"]
    assert story.messages[0].context["event"] == {
        "type": "receipt_issued",
        "id": "r",
        "occurred_at": 0,
        "receipt_id": "r",
        "updated_at": 1,
        "total": "10",
        "shipping": None,
        "lines": [],
    }
