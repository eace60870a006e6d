"""Products looked at, the last ones only."""

import msgspec

from engine.customer import RECENT_VIEWS_MAX, Customer, View
from engine.events import ProductViewed


def view(customer: Customer, event: ProductViewed) -> Customer:
    """Remember the product as the newest; the oldest beyond the cap leaves."""
    newest = View(
        product_id=event.product.id,
        category=event.product.category,
        viewed_at=event.occurred_at,
    )
    others = tuple(known for known in customer.views if known.product_id != event.product.id)
    return msgspec.structs.replace(customer, views=(*others, newest)[-RECENT_VIEWS_MAX:])
