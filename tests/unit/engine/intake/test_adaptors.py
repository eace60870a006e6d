"""Other trackers' words for what Segment has a name for."""

from decimal import Decimal
from typing import Final

import orjson
import pytest

from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CategoryViewed,
    Event,
    Identified,
    OrderCompleted,
    OrderRefunded,
    PageViewed,
    ProductViewed,
    Responded,
    Tracked,
)
from engine.intake import decoding, messages
from engine.intake.arrivals import Origin
from engine.products import Product

WEB: Final = Origin(source="web", received_at=0, seed="seed")
BACK_OFFICE: Final = Origin(source="back-office", received_at=0, seed="seed", is_trusted=True)
KETTLE: Final = {"id": "k1", "name": "Kettle", "category": "kitchen", "price": "39.90"}


def track(name: str, properties: dict[str, object], origin: Origin = WEB) -> Event:
    message = {"type": "track", "userId": "17", "event": name, "properties": properties}
    return messages.arrive(decoding.message(orjson.dumps(message)), origin=origin).event


@pytest.mark.parametrize(
    "properties",
    [
        {"product_id": "k1", "price": "39.90"},
        {"productId": "k1", "price": "39.90"},
        {"product": {"id": "k1", "price": "39.90"}},
        {"products": [{"id": "k1", "price": "39.90"}]},
    ],
)
def test_a_product_view_of_loymax_and_snowplow_is_one_of_ours(
    properties: dict[str, object],
) -> None:
    """Each of the shapes that their trackers are found to send."""
    event = track("product_view", properties)

    assert isinstance(event, ProductViewed)
    assert event.name == "Product Viewed"
    assert event.product == Product(id="k1", price=Decimal("39.90"))


def test_snowplows_one_event_says_its_action_in_its_type() -> None:
    event = track(
        "snowplow_ecommerce_action",
        {"type": "add_to_cart", "products": [KETTLE], "cart": {"cart_id": "c", "currency": "EUR"}},
    )

    assert isinstance(event, CartItemAdded)
    assert (event.product.id, event.cart_id, event.currency) == ("k1", "c", "EUR")


def test_a_transaction_of_snowplow_is_an_order() -> None:
    event = track(
        "transaction",
        {
            "transaction": {"transaction_id": "t1", "revenue": "79.80", "currency": "EUR"},
            "products": [{**KETTLE, "quantity": 2}],
        },
    )

    assert isinstance(event, OrderCompleted)
    assert (event.order_id, event.total, event.currency) == ("t1", Decimal("79.80"), "EUR")
    assert [product.quantity for product in event.products] == [2]


def test_a_refund_of_snowplow_gives_back_its_amount() -> None:
    event = track("refund", {"refund": {"transaction_id": "t1", "refund_amount": 10}})

    assert isinstance(event, OrderRefunded)
    assert (event.order_id, event.total) == ("t1", Decimal(10))


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("list_view", "Product List Viewed"),
        ("list_click", "Product Clicked"),
        ("checkout_step", "Checkout Step Completed"),
        ("trns_error", "Transaction Failed"),
        ("promo_view", "Promotion Viewed"),
        ("promo_click", "Promotion Clicked"),
        ("session_start", "Session Started"),
    ],
)
def test_an_action_without_state_is_tracked_in_segments_words(action: str, name: str) -> None:
    event = track(action, {})

    assert isinstance(event, Tracked)
    assert event.name == name


@pytest.mark.parametrize("field", ["category", "category_id", "categoryId"])
def test_a_category_view_of_loymax_is_one_of_ours(field: str) -> None:
    event = track("category_view", {field: "kitchen"})

    assert isinstance(event, CategoryViewed)
    assert event.category == "kitchen"


def test_a_product_goes_into_and_out_of_a_container_of_loymax() -> None:
    inside: dict[str, object] = {"product_id": "k1", "container_name": "favourites"}

    added, removed = track("container_add", inside), track("container_remove", inside)

    assert isinstance(added, CartItemAdded)
    assert isinstance(removed, CartItemRemoved)
    assert (added.container, removed.container) == ("favourites", "favourites")


def test_remove_from_cart_takes_out() -> None:
    assert isinstance(track("remove_from_cart", {"product": KETTLE}), CartItemRemoved)


def test_order_complete_of_loymax_is_an_order() -> None:
    event = track("order_complete", {"orderId": 7, "total": "9.90"})

    assert isinstance(event, OrderCompleted)
    assert (event.order_id, event.total) == ("7", Decimal("9.90"))


def test_a_section_of_loymax_is_a_page() -> None:
    event = track("section_view", {"name": "sale", "url": "https://shop.example/sale"})

    assert isinstance(event, PageViewed)
    assert event.url == "https://shop.example/sale"


@pytest.mark.parametrize(
    ("action", "name"), [("login", "Signed In"), ("registration", "Signed Up")]
)
def test_who_signs_in_or_up_is_identified(action: str, name: str) -> None:
    event = track(action, {"traits": {"email": "ann@shop.example"}})

    assert isinstance(event, Identified)
    assert (event.name, event.traits) == (name, {"email": "ann@shop.example"})


def test_the_properties_are_kept_as_they_came() -> None:
    event = track("product_view", {"product": {"id": "k1"}})

    assert isinstance(event, ProductViewed)
    assert bytes(event.properties) == b'{"product":{"id":"k1"}}'


@pytest.mark.parametrize(
    ("name", "response"),
    [
        ("Email Delivered", "delivered"),
        ("Email Opened", "opened"),
        ("Email Link Clicked", "clicked"),
        ("Email Bounced", "bounced"),
        ("Email Marked as Spam", "complained"),
        ("Unsubscribed", "unsubscribed"),
    ],
)
def test_a_trusted_source_tells_what_became_of_a_mail(name: str, response: str) -> None:
    said: dict[str, object] = {"email_id": "m1", "campaign_id": 5, "link_url": "https://s/1"}

    event = track(name, said, BACK_OFFICE)

    assert isinstance(event, Responded)
    assert (event.message_id, event.response, event.campaign) == ("m1", response, "5")
    assert event.url == "https://s/1"


@pytest.mark.parametrize(
    ("properties", "origin"),
    [({"email_id": "m1"}, WEB), ({}, BACK_OFFICE)],
    ids=["a write key is public", "of no message"],
)
def test_any_other_mail_event_is_only_tracked(
    properties: dict[str, object], origin: Origin
) -> None:
    assert isinstance(track("Email Bounced", properties, origin), Tracked)
