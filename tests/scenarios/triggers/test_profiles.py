"""T07, T08, T23, T33 to T36, T40 and T46: containers, consent, contacts, bonuses, responses."""

from decimal import Decimal

import pytest

from engine.addresses import Address
from engine.events import (
    BonusBalanceChanged,
    CartItemAdded,
    Identified,
    PromoCodeIssued,
    Responded,
)
from engine.products import Product
from engine.sends import Response
from tests.support.journeys import book, journey, mail, triggered
from tests.support.story import MINUTE, Story

DAY = 24 * 60
HOUR = 60


def fired(story: Story) -> int:
    return story.reasons.count("fired")


def wishes(story: Story, product: str, *, at: int) -> Story:
    return story.event(
        CartItemAdded(
            id=f"{product}-{at}",
            occurred_at=at * MINUTE,
            product=Product(id=product, price=Decimal(10)),
            container="wishlist",
        )
    )


def test_t07_an_item_fires_when_its_time_is_over_and_a_later_one_at_its_own() -> None:
    story = wishes(wishes(triggered("T07"), "a", at=0), "b", at=3 * DAY)

    assert fired(story.wait(until=7 * DAY - 1)) == 0
    assert fired(story.wait(until=7 * DAY)) == 1
    assert fired(wishes(story, "c", at=8 * DAY).wait(until=10 * DAY)) == 2


def test_t07_what_was_taken_out_waits_no_more() -> None:
    story = triggered("T07", container="cart", after="1d").adds("a", at=0).removes("a", at=5)

    assert fired(story.wait(until=2 * DAY)) == 0


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 1),
        ({"container": "wishlist"}, 0),
        ({"action": "removed"}, 0),
        ({"products": ["a"]}, 1),
        ({"products": ["b"]}, 0),
        ({"min_value": "10.01"}, 0),
    ],
)
def test_t08_what_is_put_in_fires(params: dict[str, object], count: int) -> None:
    assert fired(triggered("T08", **params).adds("a", at=1)) == count


def test_t08_what_is_taken_out_fires() -> None:
    assert fired(triggered("T08", action="removed").adds("a", at=1).removes("a", at=2)) == 1


def registers(story: Story, *, on: str, at: int) -> Story:
    traits: dict[str, object] = {"createdAt": on}
    return story.event(Identified(id=f"i-{at}", occurred_at=at * MINUTE, traits=traits))


def test_t23_days_after_the_registration_as_the_shop_dates_it() -> None:
    story = registers(triggered("T23", days=3), on="1970-01-01T12:00:00Z", at=DAY)

    assert fired(story.wait(until=3 * DAY + 12 * HOUR - 1)) == 0
    assert fired(story.wait(until=3 * DAY + 12 * HOUR)) == 1


def test_t23_a_registration_long_ago_is_not_made_up_for() -> None:
    story = registers(triggered("T23", days=3), on="1970-01-01T12:00:00Z", at=10 * DAY)

    assert fired(story.wait(until=100 * DAY)) == 0


def sent(kind: str, **params: object) -> Story:
    """Somebody who was sent a message by another campaign."""
    body = journey({"one": mail("first")})
    about = {**body, "id": "about", "triggers": [{"id": "t", "type": kind, "params": params}]}
    story = Story(book(body).publish(about).definitions).consents().adds("a", at=0)
    return story.wait(until=30)


def told(
    story: Story, response: Response, *, at: int, suffix: str = "", machine: bool | None = None
) -> Story:
    first = story.messages[0]
    return story.event(
        Responded(
            id=f"{response}{suffix}",
            occurred_at=at * MINUTE,
            message_id=first.id,
            channel="email",
            campaign=first.campaign,
            response=response,
            is_machine=machine,
        )
    )


def test_t33_a_response_fires_once_and_each_click_is_one() -> None:
    opened = told(sent("T33", response="opened"), "opened", at=31)
    clicked = told(sent("T33"), "clicked", at=31, suffix="a")

    assert fired(told(opened, "opened", at=32, suffix="again")) == 2
    assert fired(told(clicked, "clicked", at=32, suffix="b")) == 3


def test_t33_a_machine_is_nobody() -> None:
    assert fired(told(sent("T33"), "clicked", at=31, machine=True)) == 1
    anybody = sent("T33", human_only=False)
    assert fired(told(anybody, "clicked", at=31, machine=True)) == 2


@pytest.mark.parametrize(("campaign", "count"), [("cart-reminder", 2), ("another", 1)])
def test_t33_of_one_campaign(campaign: str, count: int) -> None:
    assert fired(told(sent("T33", campaign=campaign), "clicked", at=31)) == count


def test_t34_silence_is_counted_from_the_delivery_and_not_from_the_sending() -> None:
    story = sent("T34", after="1d")
    assert fired(told(story, "accepted", at=31).wait(until=5 * DAY)) == 1

    told(story, "delivered", at=5 * DAY)
    assert fired(story.wait(until=6 * DAY - 1)) == 1
    assert fired(story.wait(until=6 * DAY)) == 2


def test_t34_who_opened_in_time_is_not_asked_again() -> None:
    story = told(told(sent("T34", after="1d"), "delivered", at=31), "opened", at=32)

    assert fired(story.wait(until=5 * DAY)) == 1


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"channel": "email"}, 1),
        ({"channel": "email", "after": "yes"}, 0),
        ({"channel": "email", "before": "yes", "after": "no"}, 1),
        ({"channel": "sms"}, 0),
    ],
)
def test_t35_consent_became_another(params: dict[str, object], count: int) -> None:
    story = triggered("T35", **params)
    before = fired(story)
    story.says({"email": False}, at=5).says({"email": False}, at=6)

    assert fired(story) - before == count


def test_t36_an_address_that_was_found_to_be_none() -> None:
    story = triggered("T36")
    invalid = Address(value="c@", is_valid=False)
    story.event(
        Identified(
            id="i",
            occurred_at=MINUTE,
            traits={"email": "c@"},
            addresses={"email": invalid},
        )
    )

    assert fired(story) == 1


def test_t36_a_phone_was_added_and_another_one_is_no_addition() -> None:
    story = triggered("T36", channel="phone", became="added")
    for at, phone in enumerate(["+4930123456", "+4930123457"], start=1):
        story.event(Identified(id=phone, occurred_at=at * MINUTE, traits={"phone": phone}))

    assert fired(story) == 1


def balance(story: Story, active: int, *, at: int) -> Story:
    return story.event(
        BonusBalanceChanged(
            id=f"b{at}", occurred_at=at * MINUTE, updated_at=at * MINUTE, active=Decimal(active)
        )
    )


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 1),
        ({"min_amount": "51"}, 0),
        ({"action": "spent"}, 1),
        ({"action": "spent", "min_amount": "31"}, 0),
    ],
)
def test_t40_bonuses_came_or_went_since_the_first_word_of_them(
    params: dict[str, object], count: int
) -> None:
    story = balance(triggered("T40", **params), 100, at=1)
    assert fired(story) == 0

    assert fired(balance(balance(story, 150, at=2), 120, at=3)) == count


def issues(story: Story, *, at: int, updated: int | None = None, expires: int = 10 * DAY) -> Story:
    return story.event(
        PromoCodeIssued(
            id=f"p{at}",
            occurred_at=at * MINUTE,
            updated_at=(at if updated is None else updated) * MINUTE,
            code="SAVE",
            group="spring",
            expires_at=expires * MINUTE,
        )
    )


def test_t46_a_code_fires_when_it_is_issued_and_not_when_it_is_said_again() -> None:
    story = issues(issues(triggered("T46", group="spring"), at=1), at=2)

    assert fired(story) == 1
    assert fired(issues(triggered("T46", group="autumn"), at=1)) == 0


def test_t46_a_code_fires_before_it_expires_by_the_day_it_has_now() -> None:
    story = issues(triggered("T46", what="expiring", days_before=3), at=1)
    issues(story, at=2, expires=12 * DAY)

    assert fired(story.wait(until=9 * DAY - 1)) == 0
    assert fired(story.wait(until=9 * DAY)) == 1


def test_t23_at_a_time_of_day() -> None:
    story = triggered("T23", days=3, at_time="10:00")
    registers(story, on="1970-01-01T12:00:00Z", at=DAY)

    assert fired(story.wait(until=3 * DAY + 10 * HOUR - 1)) == 0
    assert fired(story.wait(until=3 * DAY + 10 * HOUR)) == 1


def test_t07_the_next_item_fires_without_anything_happening() -> None:
    story = wishes(wishes(triggered("T07"), "a", at=0), "b", at=3 * DAY)

    assert fired(story.wait(until=20 * DAY)) == 2


@pytest.mark.parametrize(("origin", "count"), [("operator", 1), ("customer", 0)])
def test_t35_by_who_says_so(origin: str, count: int) -> None:
    story = triggered("T35", channel="email", after="no", origin=origin)

    assert fired(story.says({"email": False}, at=5)) == count
