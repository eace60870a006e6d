"""A product as an event or a receipt line carries it."""

from decimal import Decimal

import msgspec


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the shop said of a product at that moment; about 100 bytes stored."""

    id: str
    name: str | None = None
    category: str | None = None
    brand: str | None = None
    price: Decimal | None = None
    """Of one piece, in the event's currency."""
    quantity: int = 1
    """At least 1, but negative on the lines of a return."""
    url: str | None = None
    image_url: str | None = None


class Line(Product, frozen=True, kw_only=True, omit_defaults=True):
    """A product of a receipt or an order, as the back office booked it."""

    external_id: str | None = None
    """As the system that sold it calls the product or the line; `id` is the catalogue's."""
    total: Decimal | None = None
    """Of the line; with discounts it is not price times quantity."""
    custom: dict[str, str | int | float | bool | None] = {}
    """Fields of the shop's own."""
