"""A product as an event or a receipt line carries it."""

from decimal import Decimal

import msgspec


class Product(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the shop said of a product at that moment; about 100 bytes stored."""

    id: str
    name: str | None = None
    category: str | None = None
    price: Decimal | None = None
    """Of one piece, in the event's currency."""
    quantity: int = 1
    """At least 1, but negative on the lines of a return."""
    url: str | None = None
    image_url: str | None = None
