"""Track calls whose names the engine knows: Segment's e-commerce events, both versions."""

from collections.abc import Callable
from typing import Final, TypedDict

import msgspec

from engine.errors import RejectedError
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    OrderCompleted,
    ProductViewed,
    Tracked,
    TrackerEvent,
)
from engine.intake import products, values
from engine.intake.values import Object

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


def event(properties: Object, common: Common) -> TrackerEvent:
    """Make the event a track call's name stands for; any other name is tracked as it is.

    Raises:
        RejectedError: `missing_product_id`, `missing_order_id`, and all that `values` refuses.
    """
    make = _BY_NAME.get(common["name"].lower())
    return Tracked(**common) if make is None else make(properties, common)


def _viewed(properties: Object, common: Common) -> TrackerEvent:
    return ProductViewed(product=products.one(properties, path="properties"), **common)


def _added(properties: Object, common: Common) -> TrackerEvent:
    return CartItemAdded(
        product=products.one(properties, path="properties"),
        cart_id=_id(properties, "cart_id"),
        currency=_currency(properties),
        **common,
    )


def _removed(properties: Object, common: Common) -> TrackerEvent:
    return CartItemRemoved(
        product=products.one(properties, path="properties"),
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
        cart_id=_id(properties, "cart_id"),
        currency=_currency(properties),
        **common,
    )


def _ordered(properties: Object, common: Common) -> TrackerEvent:
    order_id = _id(properties, "order_id")
    if order_id is None:
        raise RejectedError(
            "missing_order_id", "an order needs an order_id", path="properties.order_id"
        )
    total = values.amount(properties.get("total"), path="properties.total")
    if total is None:
        total = values.amount(properties.get("revenue"), path="properties.revenue")
    return OrderCompleted(
        order_id=order_id,
        cart_id=_id(properties, "cart_id"),
        total=total,
        currency=_currency(properties),
        products=products.several(properties.get("products"), path="properties.products"),
        **common,
    )


def _id(properties: Object, name: str) -> str | None:
    return values.identifier(properties.get(name), path=f"properties.{name}")


def _currency(properties: Object) -> str | None:
    return values.currency(properties.get("currency"), path="properties.currency")


_BY_NAME: Final[dict[str, Callable[[Object, Common], TrackerEvent]]] = {
    "product viewed": _viewed,
    "viewed product": _viewed,
    "product added": _added,
    "added product": _added,
    "product removed": _removed,
    "removed product": _removed,
    "product added to wishlist": _wished,
    "product removed from wishlist": _unwished,
    "cart viewed": _cart_viewed,
    "order completed": _ordered,
    "completed order": _ordered,
}
