"""Two customers become one: a rule for each field (e.5, X26)."""

from decimal import Decimal

import msgspec
import pytest

from engine import merging, purchases
from engine.customer import (
    ATTRIBUTES_MAX,
    CART_ITEMS_MAX,
    MESSAGES_MAX,
    RECENT_VIEWS_MAX,
    Cart,
    CartItem,
    Customer,
    OtherCurrency,
    Purchases,
    SentMessage,
    View,
)
from engine.declarations import Subscriptions
from engine.instances import PURSUITS_MAX, Pursuit
from engine.products import Product
from engine.sends import Response
from engine.transactions import ReceiptIssued


def survivor(**fields: object) -> Customer:
    return msgspec.structs.replace(Customer(id="ada"), **fields)


def joined(**fields: object) -> Customer:
    return msgspec.structs.replace(Customer(id="anonymous:d1"), **fields)


def item(product: str, *, quantity: int = 1, at: int = 0) -> CartItem:
    return CartItem(product=Product(id=product, quantity=quantity), added_at=at)


def sent(message_id: str, *responses: Response, at: int = 0) -> SentMessage:
    return SentMessage(
        message_id=message_id, campaign="c", channel="email", decided_at=at, responses=responses
    )


def issued(number: str, total: int, *, updated_at: int = 0) -> ReceiptIssued:
    return ReceiptIssued(
        id=f"{number}/{updated_at}",
        occurred_at=0,
        receipt_id=number,
        updated_at=updated_at,
        total=Decimal(total),
    )


def test_every_field_of_a_customer_has_a_rule() -> None:
    """Whoever adds a field to Customer decides here what a merge makes of it."""
    assert set(merging.RULES) == set(Customer.__struct_fields__)


def test_a_blank_customer_changes_nothing() -> None:
    known = survivor(
        attributes={"name": "Ada"},
        email="ada@example.com",
        subscriptions={"email": True, "sms": {"promo": False}},
        containers={"cart": Cart(items=(item("a"),), changed_at=3, cart_id="k")},
        views=(View(product_id="a", viewed_at=1),),
        messages=(sent("m", "opened"),),
        entered={"c": 4},
        first_seen_at=1,
        last_seen_at=4,
        events_count=3,
    )

    known = purchases.issue_receipt(known, issued("r", 5))

    assert merging.merged(known, joined()) == known
    assert merging.merged(survivor(), known) == known


def test_the_survivors_attribute_stays_and_gaps_are_filled() -> None:
    known = survivor(attributes={"name": "Ada"}, email=None, phone="+1")

    person = merging.merged(
        known, joined(attributes={"name": "?", "city": "Rome"}, email="a@x.io", phone="+2")
    )

    assert person.attributes == {"name": "Ada", "city": "Rome"}
    assert (person.email, person.phone) == ("a@x.io", "+1")


def test_attributes_keep_their_cap_and_the_survivors_stay() -> None:
    own = {f"own-{number}": number for number in range(ATTRIBUTES_MAX - 1)}
    other = {f"other-{number}": number for number in range(5)}

    attributes = merging.merged(survivor(attributes=own), joined(attributes=other)).attributes

    assert attributes == {**own, "other-0": 0}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"email": True}, {}, {"email": True}),
        ({"email": True}, {"email": False}, {"email": False}),
        ({"email": True}, {"email": {"promo": False}}, {"email": {"": True, "promo": False}}),
        ({"email": {"promo": True}}, {"email": False}, {"email": False}),
        ({"email": {"promo": True}}, {"email": {"promo": False}}, {"email": {"promo": False}}),
        ({"email": {"promo": True}}, {"sms": True}, {"email": {"promo": True}, "sms": True}),
    ],
)
def test_a_no_of_either_stands(
    one: Subscriptions, other: Subscriptions, both: Subscriptions
) -> None:
    there = merging.merged(survivor(subscriptions=one), joined(subscriptions=other))
    back = merging.merged(survivor(subscriptions=other), joined(subscriptions=one))

    assert there.subscriptions == back.subscriptions == both


def test_two_carts_become_one_in_the_order_of_adding() -> None:
    mine = Cart(items=(item("b", at=2), item("c", at=5)), changed_at=5, cart_id="mine")
    theirs = Cart(items=(item("a", at=1), item("b", quantity=2, at=4)), changed_at=4, cart_id="t")

    cart = merging.merged(
        survivor(containers={"cart": mine}), joined(containers={"cart": theirs})
    ).containers["cart"]

    assert cart.items == (item("a", at=1), item("b", quantity=3, at=4), item("c", at=5))
    assert (cart.changed_at, cart.cart_id) == (5, "mine")


def test_what_was_in_a_cart_before_the_other_identity_ordered_is_bought() -> None:
    mine = Cart(items=(item("a", at=1), item("b", at=9)), changed_at=9)
    ordered = Purchases(count=1, total=Decimal(5), first_at=5, last_at=5)

    there = merging.merged(survivor(containers={"cart": mine}), joined(orders=ordered))
    back = merging.merged(survivor(orders=ordered), joined(containers={"cart": mine}))

    assert there.containers["cart"].items == (item("b", at=9),)
    assert back.containers == there.containers


def test_two_full_carts_keep_what_was_added_last() -> None:
    old = Cart(items=tuple(item(f"old-{n}", at=n) for n in range(CART_ITEMS_MAX)))
    new = Cart(items=tuple(item(f"new-{n}", at=1_000 + n) for n in range(CART_ITEMS_MAX)))

    cart = merging.merged(
        survivor(containers={"cart": old}), joined(containers={"cart": new})
    ).containers["cart"]

    assert cart.items == new.items


def test_views_stand_in_the_order_of_time_each_product_once() -> None:
    views = merging.merged(
        survivor(views=(View(product_id="a", viewed_at=1), View(product_id="b", viewed_at=4))),
        joined(views=(View(product_id="a", viewed_at=3),)),
    ).views

    assert [(view.product_id, view.viewed_at) for view in views] == [("a", 3), ("b", 4)]


def test_views_and_messages_keep_their_caps() -> None:
    views = [View(product_id=str(n), viewed_at=n) for n in range(2 * RECENT_VIEWS_MAX)]
    messages = [sent(str(n), at=n) for n in range(2 * MESSAGES_MAX)]

    person = merging.merged(
        survivor(views=tuple(views[::2]), messages=tuple(messages[::2])),
        joined(views=tuple(views[1::2]), messages=tuple(messages[1::2])),
    )

    assert person.views == tuple(views[-RECENT_VIEWS_MAX:])
    assert person.messages == tuple(messages[-MESSAGES_MAX:])


def test_sums_add_up_and_the_last_purchase_is_the_later_one() -> None:
    mine = Purchases(
        count=2, total=Decimal(30), first_at=5, last_at=9, last_amount=Decimal(10), currency="EUR"
    )
    theirs = Purchases(count=1, total=Decimal(7), first_at=1, last_at=1, last_amount=Decimal(7))

    orders = merging.merged(survivor(orders=mine), joined(orders=theirs)).orders

    assert orders == Purchases(
        count=3, total=Decimal(37), first_at=1, last_at=9, last_amount=Decimal(10), currency="EUR"
    )


def test_purchases_in_another_currency_count_apart() -> None:
    mine = Purchases(count=1, total=Decimal(3), currency="EUR")
    theirs = Purchases(count=2, total=Decimal(9), currency="USD")

    orders = merging.merged(survivor(orders=mine), joined(orders=theirs)).orders

    assert (orders.count, orders.total) == (1, Decimal(3))
    assert orders.others == (OtherCurrency("USD", 2, Decimal(9)),)


@pytest.mark.parametrize(("mine", "theirs"), [(1, 2), (2, 1)])
def test_a_receipt_that_both_know_counts_once_by_its_newer_writing(mine: int, theirs: int) -> None:
    totals = {1: 10, 2: 12}

    person = merging.merged(
        purchases.issue_receipt(survivor(), issued("r", totals[mine], updated_at=mine)),
        purchases.issue_receipt(joined(), issued("r", totals[theirs], updated_at=theirs)),
    )

    assert (person.receipts.count, person.receipts.total) == (1, Decimal(12))


def test_a_message_that_both_know_has_the_responses_of_both() -> None:
    messages = merging.merged(
        survivor(messages=(sent("m", "accepted", "opened"),)),
        joined(messages=(sent("m", "accepted", "clicked"),)),
    ).messages

    assert len(messages) == 1
    assert set(messages[0].responses) == {"accepted", "opened", "clicked"}


def test_a_person_was_seen_first_and_last_by_either() -> None:
    person = merging.merged(
        survivor(first_seen_at=5, last_seen_at=6, events_count=2, entered={"c": 5, "d": 1}),
        joined(first_seen_at=1, last_seen_at=9, events_count=3, entered={"c": 7}),
    )

    assert (person.first_seen_at, person.last_seen_at, person.events_count) == (1, 9, 5)
    assert person.entered == {"d": 1, "c": 7}


def test_goals_of_both_can_still_be_reached_and_the_oldest_leave() -> None:
    def pursuits(name: str, first: int) -> tuple[Pursuit, ...]:
        return tuple(
            Pursuit(
                id=f"{name}{at}", campaign="c", version=1, trigger="t", caused_at=at, ends_at=10**6
            )
            for at in range(first, first + PURSUITS_MAX)
        )

    after = merging.merged(survivor(pursuits=pursuits("a", 0)), joined(pursuits=pursuits("b", 10)))

    assert len(after.pursuits) == PURSUITS_MAX
    assert {one.id for one in after.pursuits} == {f"a{at}" for at in range(20, 30)} | {
        f"b{at}" for at in range(20, 40)
    }
