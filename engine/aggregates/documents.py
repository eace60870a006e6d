"""Events and purchases as metrics see them: names to be found by, and fields by path."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from engine.baseevent import BaseEvent
from engine.conditions.evaluation import Document
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    OrderCompleted,
    PageViewed,
    ProductViewed,
    SourceEvent,
)
from engine.products import Line, Product

_KNOWN: Final[Mapping[type[BaseEvent], str]] = {
    PageViewed: "page viewed",
    ProductViewed: "product viewed",
    CartReplaced: "cart viewed",
    OrderCompleted: "order completed",
}
"""What an event is, whatever its source called it."""

_ADDED: Final = {"cart": "product added", "wishlist": "product added to wishlist"}
_REMOVED: Final = {"cart": "product removed", "wishlist": "product removed from wishlist"}

_objects: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


def names(event: SourceEvent) -> tuple[str, ...]:
    """The names a metric may know the event by, in lower case: what it is, and as it was called."""
    called = event.name.casefold()
    match event:
        case PageViewed():
            # Its name is the page's own.
            return ("page viewed",)
        case CartItemAdded(container=container):
            known = _ADDED.get(container, called)
        case CartItemRemoved(container=container):
            known = _REMOVED.get(container, called)
        case _:
            known = _KNOWN.get(type(event), called)
    return (known,) if known == called else (known, called)


def of_event(event: SourceEvent) -> Document:
    """`name`, `type`, `source`, and what the source said under `properties` and `context`."""
    return {
        "name": event.name,
        "type": event.__struct_config__.tag,
        "source": event.source,
        "properties": _objects.decode(event.properties),
        "context": _objects.decode(event.context),
    }


def properties(event: SourceEvent) -> Document:
    """What the source said."""
    return _objects.decode(event.properties)


def context(event: SourceEvent) -> Document:
    """What the source said around it."""
    return _objects.decode(event.context)


def of_lines(lines: tuple[Product, ...]) -> list[object]:
    """What was bought, an object a line."""
    return [
        {
            "product_id": line.id,
            "name": line.name,
            "category": line.category,
            "brand": line.brand,
            "price": line.price,
            "quantity": line.quantity,
            "custom": line.custom if isinstance(line, Line) else {},
        }
        for line in lines
    ]
