"""Track calls whose names the engine knows."""

from decimal import Decimal
from typing import Final

import pytest

from engine.errors import RejectedError
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    CategoryViewed,
    Event,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
    ProductViewed,
    Tracked,
)
from engine.intake import decoding, limits, messages
from engine.intake.arrivals import Origin
from engine.products import Product

SHOES: Final = (
    '"product_id":"p1","name":"Shoes","category":"feet","price":33.20,"quantity":2,'
    '"url":"https://s/1","image_url":"https://s/1.png"'
)
SHOES_PRODUCT: Final = Product(
    id="p1",
    name="Shoes",
    category="feet",
    price=Decimal("33.20"),
    quantity=2,
    url="https://s/1",
    image_url="https://s/1.png",
)


def track(name: str, properties: str = "") -> Event:
    payload = f'{{"type":"track","userId":"17","event":"{name}","properties":{{{properties}}}}}'
    origin = Origin(source="web", received_at=0, seed="seed")
    return messages.arrive(decoding.message(payload.encode()), origin=origin).event


@pytest.mark.parametrize("name", ["Product Viewed", "Viewed Product", "product viewed"])
def test_a_product_is_viewed_under_both_versions_of_the_name(name: str) -> None:
    event = track(name, SHOES)

    assert isinstance(event, ProductViewed)
    assert event.product == SHOES_PRODUCT
    assert event.name == "Product Viewed"


@pytest.mark.parametrize("name", ["Product Added", "Added Product"])
def test_a_product_is_added_to_the_cart(name: str) -> None:
    event = track(name, SHOES + ',"cart_id":7,"currency":"eur"')

    assert isinstance(event, CartItemAdded)
    assert event.product == SHOES_PRODUCT
    assert (event.container, event.cart_id, event.currency) == ("cart", "7", "EUR")


@pytest.mark.parametrize("name", ["Product Removed", "Removed Product"])
def test_a_product_is_removed_from_the_cart(name: str) -> None:
    event = track(name, SHOES + ',"cart_id":"c"')

    assert isinstance(event, CartItemRemoved)
    assert event.product == SHOES_PRODUCT
    assert (event.container, event.cart_id) == ("cart", "c")


def test_a_wishlist_is_a_container_of_its_own() -> None:
    added = track("Product Added to Wishlist", SHOES + ',"wishlist_id":"w"')
    removed = track("Product Removed from Wishlist", SHOES)

    assert isinstance(added, CartItemAdded)
    assert (added.container, added.cart_id) == ("wishlist", "w")
    assert isinstance(removed, CartItemRemoved)
    assert removed.container == "wishlist"


def test_cart_viewed_replaces_the_whole_cart() -> None:
    event = track("Cart Viewed", f'"cart_id":"c","products":[{{{SHOES}}},{{"product_id":2}}]')

    assert isinstance(event, CartReplaced)
    assert event.products == (SHOES_PRODUCT, Product(id="2"))
    assert event.cart_id == "c"


def test_cart_viewed_with_no_products_empties_the_cart() -> None:
    event = track("Cart Viewed", '"products":[]')

    assert isinstance(event, CartReplaced)
    assert event.products == ()


@pytest.mark.parametrize("properties", ["", '"products":null', '"cart_id":"c"'])
def test_cart_viewed_that_does_not_say_what_is_in_it_changes_nothing(properties: str) -> None:
    assert isinstance(track("Cart Viewed", properties), Tracked)


@pytest.mark.parametrize("name", ["Order Completed", "Completed Order"])
def test_an_order_is_completed_under_both_versions_of_the_name(name: str) -> None:
    event = track(
        name,
        f'"order_id":"o","cart_id":"c","total":99.90,"currency":"USD","products":[{{{SHOES}}}]',
    )

    assert isinstance(event, OrderCompleted)
    assert (event.order_id, event.cart_id, event.currency) == ("o", "c", "USD")
    assert str(event.total) == "99.90"
    assert event.products == (SHOES_PRODUCT,)


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        ('"total":"12.10","revenue":10', Decimal("12.10")),
        ('"revenue":10.5', Decimal("10.5")),
        ('"total":null', None),
        ('"total":0', Decimal(0)),
    ],
)
def test_the_total_of_an_order_is_what_the_customer_paid(
    amounts: str, total: Decimal | None
) -> None:
    event = track("Order Completed", f'"order_id":"o",{amounts}')

    assert isinstance(event, OrderCompleted)
    assert event.total == total


@pytest.mark.parametrize(
    ("properties", "product_id"),
    [('"product_id":"a","id":"b","sku":"c"', "a"), ('"id":"b","sku":"c"', "b"), ('"sku":9', "9")],
)
def test_a_product_goes_by_the_best_id_it_has(properties: str, product_id: str) -> None:
    event = track("Product Viewed", properties)

    assert isinstance(event, ProductViewed)
    assert event.product.id == product_id


@pytest.mark.parametrize(
    "name", ["Product Clicked", "Checkout Started", "Coupon Applied", "product_viewed", "Ürün"]
)
def test_any_other_name_is_tracked(name: str) -> None:
    event = track(name, SHOES)

    assert isinstance(event, Tracked)
    assert event.name == name


@pytest.mark.parametrize(
    ("name", "properties", "code", "path"),
    [
        ("Product Viewed", "", "missing_product_id", "properties"),
        ("Product Added", '"product_id":" "', "missing_product_id", "properties"),
        ("Product Added", '"product_id":1.5', "invalid_id", "properties.product_id"),
        ("Product Added", '"product_id":1,"price":"free"', "invalid_amount", "properties.price"),
        ("Product Added", '"product_id":1,"price":-1', "invalid_amount", "properties.price"),
        ("Product Added", '"product_id":1,"quantity":0', "invalid_quantity", "properties.quantity"),
        (
            "Product Added",
            '"product_id":1,"currency":"euro"',
            "invalid_currency",
            "properties.currency",
        ),
        ("Product Removed", '"product_id":1,"cart_id":{}', "invalid_id", "properties.cart_id"),
        ("Cart Viewed", '"products":{}', "invalid_shape", "properties.products"),
        ("Cart Viewed", '"products":[5]', "invalid_shape", "properties.products[0]"),
        (
            "Cart Viewed",
            '"products":[{"product_id":1},{}]',
            "missing_product_id",
            "properties.products[1]",
        ),
        ("Order Completed", "", "missing_order_id", "properties.order_id"),
        ("Order Updated", "", "missing_order_id", "properties.order_id"),
        ("Order Refunded", "", "missing_order_id", "properties.order_id"),
        ("Order Cancelled", "", "missing_order_id", "properties.order_id"),
        ("Order Refunded", '"order_id":1,"total":-5', "invalid_amount", "properties.total"),
        (
            "Product Added",
            '"products":[{"product_id":1},{"product_id":2}]',
            "several_products",
            "properties.products",
        ),
        (
            "Product Added",
            '"product_id":1,"container":5',
            "invalid_container",
            "properties.container",
        ),
        (
            "Product Added",
            f'"product_id":1,"container":"{"c" * 65}"',
            "invalid_container",
            "properties.container",
        ),
        ("Order Completed", '"order_id":1,"total":"x"', "invalid_amount", "properties.total"),
        (
            "Order Completed",
            '"order_id":1,"products":[{"product_id":1,"price":[]}]',
            "invalid_amount",
            "properties.products[0].price",
        ),
    ],
)
def test_what_the_engine_could_not_compute_with_is_refused(
    name: str, properties: str, code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        track(name, properties)

    assert (refusal.value.code, refusal.value.path) == (code, path)


def test_a_list_of_a_category_is_a_view_of_the_category() -> None:
    event = track("Product List Viewed", '"list_id":"l","category":"feet","products":[]')

    assert isinstance(event, CategoryViewed)
    assert event.category == "feet"


@pytest.mark.parametrize("properties", ['"list_id":"search"', '"category":""', '"category":{}'])
def test_a_list_of_no_category_is_only_tracked(properties: str) -> None:
    assert isinstance(track("Product List Viewed", properties), Tracked)


def test_what_an_order_is_now_replaces_what_it_was() -> None:
    event = track("Order Updated", f'"order_id":"o","total":5.10,"products":[{{{SHOES}}}]')

    assert isinstance(event, OrderUpdated)
    assert (event.order_id, event.total) == ("o", Decimal("5.10"))
    assert event.products == (SHOES_PRODUCT,)


def test_a_refund_that_says_no_more_gives_everything_back() -> None:
    event = track("Order Refunded", '"order_id":"o"')

    assert isinstance(event, OrderRefunded)
    assert (event.order_id, event.total, event.products) == ("o", None, ())


def test_a_partial_refund_says_what_was_given_back() -> None:
    event = track("Order Refunded", f'"order_id":"o","total":33.20,"products":[{{{SHOES}}}]')

    assert isinstance(event, OrderRefunded)
    assert (event.total, event.products) == (Decimal("33.20"), (SHOES_PRODUCT,))


def test_an_order_is_cancelled() -> None:
    event = track("Order Cancelled", '"order_id":"o","total":33.20')

    assert isinstance(event, OrderCancelled)
    assert event.order_id == "o"


@pytest.mark.parametrize("name", ["notify-me", "c" * limits.CONTAINER_MAX_CHARS, "Избранное"])
def test_a_container_may_have_any_name(name: str) -> None:
    """X21."""
    inside = f'"container":"{name}"'
    added = track("Product Added", f"{SHOES},{inside}")
    removed = track("Product Removed", f"{SHOES},{inside}")
    replaced = track("Cart Viewed", f'"products":[],{inside}')

    assert isinstance(added, CartItemAdded)
    assert isinstance(removed, CartItemRemoved)
    assert isinstance(replaced, CartReplaced)
    assert {added.container, removed.container, replaced.container} == {name}


def test_what_was_wished_for_goes_into_the_cart() -> None:
    event = track("Wishlist Product Added to Cart", f'{SHOES},"wishlist_id":"w","cart_id":"c"')

    assert isinstance(event, CartItemAdded)
    assert (event.container, event.cart_id) == ("cart", "c")
