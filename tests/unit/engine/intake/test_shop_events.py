"""Every event of Segment's e-commerce spec (e.3), with the fields it has there."""

from collections.abc import Callable
from typing import Final

import msgspec
import pytest

from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    CategoryViewed,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
    ProductViewed,
    Responded,
    SourceEvent,
    Tracked,
)
from engine.intake import messages, names
from engine.intake.arrivals import Origin

PRODUCT: Final[dict[str, object]] = {
    "product_id": "k-1",
    "sku": "K1",
    "category": "Kitchen",
    "name": "Kettle",
    "brand": "Acme",
    "variant": "red",
    "price": 39,
    "quantity": 1,
    "coupon": "MAY",
    "position": 3,
    "url": "https://shop.example/k-1",
    "image_url": "https://shop.example/k-1.jpg",
    "currency": "EUR",
    "value": 39,
}

ORDER: Final[dict[str, object]] = {
    "checkout_id": "c1",
    "order_id": "o1",
    "affiliation": "web",
    "subtotal": 39,
    "total": 44,
    "revenue": 39,
    "shipping": 5,
    "tax": 0,
    "discount": 0,
    "coupon": "MAY",
    "currency": "EUR",
    "products": [PRODUCT],
}

STEP: Final[dict[str, object]] = {
    "checkout_id": "c1",
    "order_id": "o1",
    "step": 2,
    "shipping_method": "post",
    "payment_method": "card",
}

LIST: Final[dict[str, object]] = {"list_id": "l1", "category": "Kitchen", "products": [PRODUCT]}
PROMOTION: Final[dict[str, object]] = {
    "promotion_id": "p1",
    "creative": "top",
    "name": "May",
    "position": "home",
}
COUPON: Final[dict[str, object]] = {
    "order_id": "o1",
    "cart_id": "b1",
    "coupon_id": "MAY",
    "coupon_name": "May",
    "discount": 5,
}
SHARED: Final[dict[str, object]] = {
    "share_via": "email",
    "share_message": "look",
    "recipient": "bob@example.com",
}
MAIL: Final[dict[str, object]] = {
    "email_id": "m1",
    "email_subject": "May",
    "campaign_id": "c1",
    "campaign_name": "may",
    "link_id": "l1",
    "link_url": "https://shop.example",
}

EVENTS: Final[dict[str, tuple[dict[str, object], type[SourceEvent]]]] = {
    "Products Searched": ({"query": "kettle"}, Tracked),
    "Product List Viewed": (LIST, CategoryViewed),
    "Product List Filtered": (
        {**LIST, "filters": [{"type": "colour", "value": "red"}], "sorts": []},
        Tracked,
    ),
    "Promotion Viewed": (PROMOTION, Tracked),
    "Promotion Clicked": (PROMOTION, Tracked),
    "Product Clicked": (PRODUCT, Tracked),
    "Product Viewed": (PRODUCT, ProductViewed),
    "Product Added": ({**PRODUCT, "cart_id": "b1"}, CartItemAdded),
    "Product Removed": ({**PRODUCT, "cart_id": "b1"}, CartItemRemoved),
    "Cart Viewed": ({"cart_id": "b1", "products": [PRODUCT]}, CartReplaced),
    "Checkout Started": (ORDER, Tracked),
    "Checkout Step Viewed": (STEP, Tracked),
    "Checkout Step Completed": (STEP, Tracked),
    "Payment Info Entered": (STEP, Tracked),
    "Order Completed": (ORDER, OrderCompleted),
    "Order Updated": (ORDER, OrderUpdated),
    "Order Refunded": ({"order_id": "o1"}, OrderRefunded),
    "Order Cancelled": (ORDER, OrderCancelled),
    "Coupon Entered": (COUPON, Tracked),
    "Coupon Applied": (COUPON, Tracked),
    "Coupon Denied": ({**COUPON, "reason": "expired"}, Tracked),
    "Coupon Removed": (COUPON, Tracked),
    "Product Added to Wishlist": ({**PRODUCT, "wishlist_id": "w1"}, CartItemAdded),
    "Product Removed from Wishlist": ({**PRODUCT, "wishlist_id": "w1"}, CartItemRemoved),
    "Wishlist Product Added to Cart": (
        {**PRODUCT, "wishlist_id": "w1", "cart_id": "b1"},
        CartItemAdded,
    ),
    "Product Shared": ({**PRODUCT, **SHARED}, Tracked),
    "Cart Shared": ({"cart_id": "b1", "products": [PRODUCT], **SHARED}, Tracked),
    "Product Reviewed": (
        {"product_id": "k-1", "review_id": "r1", "review_body": "good", "rating": "5"},
        Tracked,
    ),
    **{name: (MAIL, Tracked) for name in names.NAMES if name.startswith("Email ")},
}
"""By the name of version 2; as a browser says it, who is not trusted with mail events."""


def arrived(name: str, properties: dict[str, object], *, is_trusted: bool = False) -> object:
    origin = Origin(source="w", received_at=1_795_435_200_000, seed="s", is_trusted=is_trusted)
    message: dict[str, object] = {"type": "track", "event": name, "userId": "ada"}
    message["properties"] = properties
    return messages.arrive(message, origin=origin).event


def test_every_name_of_the_spec_is_tried() -> None:
    assert set(EVENTS) == set(names.NAMES)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("spelling", [str, names.verb_first, str.upper])
def test_it_is_what_its_name_says_and_loses_nothing(
    name: str, spelling: Callable[[str], str]
) -> None:
    properties, kind = EVENTS[name]

    event = arrived(spelling(name), properties)

    assert type(event) is kind
    assert isinstance(event, SourceEvent)
    assert event.name == name
    assert msgspec.json.decode(event.properties) == properties


@pytest.mark.parametrize("name", [name for name in EVENTS if name.startswith("Email ")])
def test_a_mail_event_of_the_shops_own_server_is_a_response(name: str) -> None:
    assert isinstance(arrived(name, MAIL, is_trusted=True), Responded)
