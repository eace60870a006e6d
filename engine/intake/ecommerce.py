"""Track calls whose names the engine knows: Segment's e-commerce events, version 2."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypedDict

import msgspec

from engine.addresses import Token, ZoneSource
from engine.errors import RejectedError
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
    Tracked,
    TrackerEvent,
)
from engine.intake import limits, products, values
from engine.intake.structure import CONTROL
from engine.intake.values import Object
from engine.products import Product

CART: Final = "cart"
WISHLIST: Final = "wishlist"


class Common(TypedDict):
    """The fields of every event a tracker sends."""

    id: str
    occurred_at: int
    name: str
    source: str
    user_id: str | None
    anonymous_id: str | None
    properties: msgspec.Raw
    context: msgspec.Raw
    said_at: int | None
    zones: dict[ZoneSource, str | None]
    token: Token | None
    shows: tuple[str, ...]


def event(properties: Object, common: Common) -> TrackerEvent:
    """Make the event a track call's name stands for; any other name is tracked as it is.

    Raises:
        RejectedError: `missing_product_id`, `missing_order_id`, `several_products`,
            `invalid_container`, and all that `values` refuses.
    """
    make = _BY_NAME.get(common["name"])
    return Tracked(**common) if make is None else make(properties, common)


def _viewed(properties: Object, common: Common) -> TrackerEvent:
    return ProductViewed(product=_single(properties), **common)


def _list_viewed(properties: Object, common: Common) -> TrackerEvent:
    """Without a category it was a search or a recommendation."""
    category = values.text(properties.get("category"))
    return Tracked(**common) if category is None else CategoryViewed(category=category, **common)


def _added(properties: Object, common: Common) -> TrackerEvent:
    return CartItemAdded(
        product=_single(properties),
        container=_container(properties),
        cart_id=_id(properties, "cart_id"),
        currency=_currency(properties),
        **common,
    )


def _removed(properties: Object, common: Common) -> TrackerEvent:
    return CartItemRemoved(
        product=_single(properties),
        container=_container(properties),
        cart_id=_id(properties, "cart_id"),
        **common,
    )


def _wished(properties: Object, common: Common) -> TrackerEvent:
    return CartItemAdded(
        product=products.one(properties, path="properties"),
        container=WISHLIST,
        cart_id=_id(properties, "wishlist_id"),
        currency=_currency(properties),
        **common,
    )


def _unwished(properties: Object, common: Common) -> TrackerEvent:
    return CartItemRemoved(
        product=products.one(properties, path="properties"),
        container=WISHLIST,
        cart_id=_id(properties, "wishlist_id"),
        **common,
    )


def _cart_viewed(properties: Object, common: Common) -> TrackerEvent:
    """Replace the cart; without a list of products nobody knows what is in it."""
    if properties.get("products") is None:
        return Tracked(**common)
    return CartReplaced(
        products=products.several(properties["products"], path="properties.products"),
        container=_container(properties),
        cart_id=_id(properties, "cart_id"),
        currency=_currency(properties),
        **common,
    )


def _ordered(properties: Object, common: Common) -> TrackerEvent:
    return OrderCompleted(
        order_id=_order_id(properties),
        cart_id=_id(properties, "cart_id"),
        total=_total(properties),
        currency=_currency(properties),
        products=_products(properties),
        **common,
    )


def _order_updated(properties: Object, common: Common) -> TrackerEvent:
    return OrderUpdated(
        order_id=_order_id(properties),
        total=_total(properties),
        currency=_currency(properties),
        products=_products(properties),
        **common,
    )


def _refunded(properties: Object, common: Common) -> TrackerEvent:
    return OrderRefunded(
        order_id=_order_id(properties),
        total=_total(properties),
        currency=_currency(properties),
        products=_products(properties),
        **common,
    )


def _cancelled(properties: Object, common: Common) -> TrackerEvent:
    return OrderCancelled(order_id=_order_id(properties), **common)


def _single(properties: Object) -> Product:
    """The one product of an event; several would leave open which of them was meant."""
    listed = properties.get("products")
    if isinstance(listed, list) and len(listed) > 1:
        raise RejectedError(
            "several_products", "send one call for each product", path="properties.products"
        )
    return products.one(properties, path="properties")


def _container(properties: Object) -> str:
    """Any name; the cart where none is said."""
    value = properties.get("container")
    if value is None or value == "":
        return CART
    if (
        not isinstance(value, str)
        or len(value) > limits.CONTAINER_MAX_CHARS
        or value.isspace()
        or CONTROL.search(value)
    ):
        raise RejectedError(
            "invalid_container",
            f"{values.shown(value)} is no name of at most {limits.CONTAINER_MAX_CHARS} characters",
            path="properties.container",
        )
    return value


def _order_id(properties: Object) -> str:
    order_id = _id(properties, "order_id")
    if order_id is None:
        raise RejectedError(
            "missing_order_id", "an order needs an order_id", path="properties.order_id"
        )
    return order_id


def _total(properties: Object) -> Decimal | None:
    """What the customer paid, or got back; shops that know no total say the revenue."""
    total = values.amount(properties.get("total"), path="properties.total")
    if total is not None:
        return total
    return values.amount(properties.get("revenue"), path="properties.revenue")


def _products(properties: Object) -> tuple[Product, ...]:
    return products.several(properties.get("products"), path="properties.products")


def _id(properties: Object, name: str) -> str | None:
    return values.identifier(properties.get(name), path=f"properties.{name}")


def _currency(properties: Object) -> str | None:
    return values.currency(properties.get("currency"), path="properties.currency")


_BY_NAME: Final[dict[str, Callable[[Object, Common], TrackerEvent]]] = {
    "Product List Viewed": _list_viewed,
    "Product Viewed": _viewed,
    "Product Added": _added,
    "Product Removed": _removed,
    "Product Added to Wishlist": _wished,
    "Product Removed from Wishlist": _unwished,
    "Wishlist Product Added to Cart": _added,
    "Cart Viewed": _cart_viewed,
    "Order Completed": _ordered,
    "Order Updated": _order_updated,
    "Order Refunded": _refunded,
    "Order Cancelled": _cancelled,
}
