"""What a template may use; money is decimal text."""

from typing import Final

from engine import carts
from engine.customer import Customer
from engine.definitions.triggers.carts import CartAbandoned
from engine.definitions.triggers.types import Trigger
from engine.products import Product
from engine.triggers.types import MACHINES

OF_RUN: Final = ("event", "entry")
"""What of a message's context only its run knows."""


def of(
    customer: Customer,
    trigger: Trigger,
    *,
    campaign: str,
    event: dict[str, object],
    entry: dict[str, object],
) -> dict[str, object]:
    """`customer`, the `cart` the trigger is about, the `event` that began the run.

    And `entry`: what the template names of the customer as they were then. `promo_codes`: by pool,
    what the campaign issued last.
    """
    cart = carts.container(customer, _container(trigger))
    return {
        "customer": {**customer.attributes, "id": customer.id},
        "cart": {
            "items": [_shown(item.product) for item in cart.items],
            "count": sum(item.product.quantity for item in cart.items),
            "value": str(carts.value(cart)),
            "currency": cart.currency,
        },
        "event": MACHINES[type(trigger)].told(trigger, customer, event),
        "entry": entry,
        "promo_codes": {
            code.group: code.code
            for code in customer.promo_codes
            if code.campaign == campaign and code.group is not None
        },
    }


def _container(trigger: Trigger) -> str:
    return trigger.params.container if isinstance(trigger, CartAbandoned) else carts.CART


def _shown(product: Product) -> dict[str, object]:
    """Every field, the absent ones too: templates are strict about what is undefined."""
    return {
        "id": product.id,
        "name": product.name,
        "category": product.category,
        "price": None if product.price is None else str(product.price),
        "quantity": product.quantity,
        "url": product.url,
        "image_url": product.image_url,
    }
