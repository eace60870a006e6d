"""Track calls as other trackers spell them, in Segment's words: Loymax and Snowplow's e-commerce.

Both name actions in small letters. Snowplow carries what they are about as entities of their own,
`{"product": {...}, "transaction": {...}}`; here they may lie beside each other in the properties.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from engine.intake import names
from engine.intake.values import Object

Call: TypeAlias = Literal["track", "page", "identify"]

ECOMMERCE_ACTION: Final = "snowplow_ecommerce_action"
"""Snowplow's one event for all of them: the action stands in the property `type`."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """What another tracker's action is to us."""

    name: str
    call: Call = "track"


ACTIONS: Final[Mapping[str, Action]] = {
    # Both call it so.
    "product_view": Action(name="Product Viewed"),
    # Loymax.
    "session_start": Action(name="Session Started"),
    "category_view": Action(name="Product List Viewed"),
    "section_view": Action(name="Section Viewed", call="page"),
    "container_add": Action(name="Product Added"),
    "container_remove": Action(name="Product Removed"),
    "order_complete": Action(name="Order Completed"),
    "registration": Action(name="Signed Up", call="identify"),
    "login": Action(name="Signed In", call="identify"),
    # Snowplow.
    "list_view": Action(name="Product List Viewed"),
    "list_click": Action(name="Product Clicked"),
    "add_to_cart": Action(name="Product Added"),
    "remove_from_cart": Action(name="Product Removed"),
    "checkout_step": Action(name="Checkout Step Completed"),
    "transaction": Action(name="Order Completed"),
    "refund": Action(name="Order Refunded"),
    "trns_error": Action(name="Transaction Failed"),
    "promo_view": Action(name="Promotion Viewed"),
    "promo_click": Action(name="Promotion Clicked"),
}

_ENTITIES: Final[Mapping[str, Mapping[str, str]]] = {
    "product": {"id": "product_id"},
    "cart": {},
    "transaction": {},
    "refund": {},
    "checkout_step": {},
    "promotion": {"id": "promotion_id"},
}
"""What Snowplow keeps apart, and what their fields are to Segment."""

_FIELDS: Final[Mapping[str, str]] = {
    "productId": "product_id",
    "categoryId": "category",
    "category_id": "category",
    "cartId": "cart_id",
    "orderId": "order_id",
    "transaction_id": "order_id",
    "refund_amount": "total",
    "containerName": "container",
    "container_name": "container",
}

_ALONE: Final = frozenset({"Product Viewed", "Product Clicked", "Product Added", "Product Removed"})
"""Segment's events of a single product; Snowplow lists it."""


class Adapted(msgspec.Struct, frozen=True, kw_only=True):
    """A track call in Segment's words."""

    name: str
    call: Call
    properties: Object


def adapted(name: str, properties: Object) -> Adapted:
    """Translate a track call; one that needs none keeps its properties as they are."""
    action = ACTIONS.get(_action(name, properties))
    if action is None:
        return Adapted(name=names.canonical(name), call="track", properties=properties)
    return Adapted(
        name=action.name, call=action.call, properties=_in_segments_words(action.name, properties)
    )


def _action(name: str, properties: Object) -> str:
    word = name.lower()
    kind = properties.get("type") if word == ECOMMERCE_ACTION else word
    return kind if isinstance(kind, str) else ""


def _in_segments_words(name: str, properties: Object) -> Object:
    found = dict(properties)
    for entity, renamed in _ENTITIES.items():
        fields = properties.get(entity)
        if isinstance(fields, dict):
            _add(found, fields, renamed)
    products = properties.get("products")
    if name in _ALONE and isinstance(products, list) and len(products) == 1:
        _add(found, products[0] if isinstance(products[0], dict) else {}, {"id": "product_id"})
    for theirs, ours in _FIELDS.items():
        if theirs in found:
            found.setdefault(ours, found[theirs])
    return found


def _add(found: dict[str, object], fields: Object, renamed: Mapping[str, str]) -> None:
    """What stands at the top already goes first."""
    for field, value in fields.items():
        found.setdefault(renamed.get(field, field), value)
