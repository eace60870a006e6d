"""What Segment calls the things of a shop (e-commerce spec, version 2), and its older names.

Version 1 put the verb first: `Viewed Product` for `Product Viewed`.
"""

import re
from typing import Final

NAMES: Final = (
    "Products Searched",
    "Product List Viewed",
    "Product List Filtered",
    "Promotion Viewed",
    "Promotion Clicked",
    "Product Clicked",
    "Product Viewed",
    "Product Added",
    "Product Removed",
    "Cart Viewed",
    "Checkout Started",
    "Checkout Step Viewed",
    "Checkout Step Completed",
    "Payment Info Entered",
    "Order Completed",
    "Order Updated",
    "Order Refunded",
    "Order Cancelled",
    "Coupon Entered",
    "Coupon Applied",
    "Coupon Denied",
    "Coupon Removed",
    "Product Added to Wishlist",
    "Product Removed from Wishlist",
    "Wishlist Product Added to Cart",
    "Product Shared",
    "Cart Shared",
    "Product Reviewed",
    "Email Delivered",
    "Email Opened",
    "Email Link Clicked",
    "Email Bounced",
    "Email Marked as Spam",
    "Email Unsubscribed",
)

_OTHERS: Final = {
    "viewed product category": "Product List Viewed",
    "product category viewed": "Product List Viewed",
    "order canceled": "Order Cancelled",
    "canceled order": "Order Cancelled",
    "unsubscribed": "Email Unsubscribed",
}

_VERB: Final = re.compile(r"(?P<noun>.+?) (?P<verb>[A-Z]\w+ed)(?P<rest>( [a-z]\w+.*)?)")


def canonical(name: str) -> str:
    """The name of version 2, in any case and of either version; any other name as it is."""
    return _BY_NAME.get(name.lower(), name)


def verb_first(name: str) -> str:
    """What version 1 calls it."""
    match = _VERB.fullmatch(name)
    return name if match is None else f"{match['verb']} {match['noun']}{match['rest']}"


_BY_NAME: Final = {
    **_OTHERS,
    **{verb_first(name).lower(): name for name in NAMES},
    **{name.lower(): name for name in NAMES},
}
