"""Containers: the cart, the wishlist, any named set of products with quantities.

Added and removed are deltas, Cart Viewed replaces the whole; a purchase takes out what it covers.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from engine.customer import CART_ITEMS_MAX, CONTAINERS_MAX, Cart, CartItem, Customer
from engine.events import CartItemAdded, CartItemRemoved, CartReplaced
from engine.products import Product

CART: Final = "cart"

EXPIRES_MS: Final = 30 * 24 * 60 * 60 * 1000
"""A cart that nobody touched for so long holds nothing any more; lists that people keep stay."""


def container(customer: Customer, name: str) -> Cart:
    """The container as it stands; one never touched is empty."""
    return customer.containers.get(name, Cart())


def live(customer: Customer, name: str, *, at: int) -> Cart:
    """The container as it is at a time, epoch ms: a cart that expired by then is empty."""
    cart = container(customer, name)
    is_expired = name == CART and at - cart.changed_at > EXPIRES_MS
    return Cart() if is_expired else cart


def value(cart: Cart) -> Decimal:
    """Price times quantity over the items that have a price."""
    return sum(
        (
            item.product.price * item.product.quantity
            for item in cart.items
            if item.product.price is not None
        ),
        Decimal(0),
    )


def add(customer: Customer, event: CartItemAdded) -> Customer:
    """Add to the quantity; name, price and the rest become those of this event."""
    cart = live(customer, event.container, at=event.occurred_at)
    others, had = _split(cart, event.product.id)
    added = (item.added_at for item in cart.items if item.product.id == event.product.id)
    item = CartItem(
        product=_with_quantity(event.product, had + event.product.quantity),
        added_at=max([event.occurred_at, *added]),
    )
    return _stored(
        customer,
        event.container,
        items=(*others, item)[-CART_ITEMS_MAX:],
        changed_at=max(event.occurred_at, cart.changed_at),
        cart_id=event.cart_id or cart.cart_id,
        currency=event.currency or cart.currency,
    )


def remove(customer: Customer, event: CartItemRemoved) -> Customer:
    """Take from the quantity, never below zero."""
    cart = live(customer, event.container, at=event.occurred_at)
    others, had = _split(cart, event.product.id)
    left = had - event.product.quantity
    items = others
    if left > 0:
        items = tuple(
            msgspec.structs.replace(item, product=_with_quantity(item.product, left))
            if item.product.id == event.product.id
            else item
            for item in cart.items
        )
    return _stored(
        customer,
        event.container,
        items=items,
        changed_at=max(event.occurred_at, cart.changed_at),
        cart_id=event.cart_id or cart.cart_id,
        currency=cart.currency,
    )


def replace(customer: Customer, event: CartReplaced) -> Customer:
    """Make the container what was seen; a product that stays keeps the time it was added."""
    cart = live(customer, event.container, at=event.occurred_at)
    added = {item.product.id: item.added_at for item in cart.items}
    seen: dict[str, Product] = {}
    for product in event.products:
        had = seen[product.id].quantity if product.id in seen else 0
        seen[product.id] = _with_quantity(product, had + product.quantity)
    items = tuple(
        CartItem(product=product, added_at=added.get(product.id, event.occurred_at))
        for product in list(seen.values())[:CART_ITEMS_MAX]
    )
    return _stored(
        customer,
        event.container,
        items=items,
        changed_at=max(event.occurred_at, cart.changed_at),
        cart_id=event.cart_id or cart.cart_id,
        currency=event.currency or cart.currency,
    )


def empty(customer: Customer, name: str) -> Customer:
    """Take everything out; an id it had goes with it."""
    if name not in customer.containers:
        return customer
    left = {key: cart for key, cart in customer.containers.items() if key != name}
    return msgspec.structs.replace(customer, containers=left)


def take_out(customer: Customer, name: str, product_ids: Iterable[str]) -> Customer:
    """Take the products out, whatever their quantity."""
    cart = container(customer, name)
    gone = set(product_ids)
    items = tuple(item for item in cart.items if item.product.id not in gone)
    if not items:
        return empty(customer, name)
    return msgspec.structs.replace(
        customer,
        containers={**customer.containers, name: msgspec.structs.replace(cart, items=items)},
    )


def covers(products: Iterable[Product], cart: Cart) -> bool:
    """Every product of the cart is among the products."""
    bought = {product.id for product in products}
    return bool(cart.items) and all(item.product.id in bought for item in cart.items)


def _split(cart: Cart, product_id: str) -> tuple[tuple[CartItem, ...], int]:
    others = tuple(item for item in cart.items if item.product.id != product_id)
    had = sum(item.product.quantity for item in cart.items if item.product.id == product_id)
    return others, had


def _with_quantity(product: Product, quantity: int) -> Product:
    return msgspec.structs.replace(product, quantity=quantity)


def _stored(
    customer: Customer,
    name: str,
    *,
    items: tuple[CartItem, ...],
    changed_at: int,
    cart_id: str | None,
    currency: str | None,
) -> Customer:
    if not items:
        return empty(customer, name)
    cart = Cart(items=items, changed_at=changed_at, cart_id=cart_id, currency=currency)
    containers = bounded({**customer.containers, name: cart}, kept=name)
    return msgspec.structs.replace(customer, containers=containers)


def bounded(containers: Mapping[str, Cart], *, kept: str) -> dict[str, Cart]:
    """Leave out the containers that changed longest ago; never the cart, nor the one to be kept."""
    found = dict(containers)
    while len(found) > CONTAINERS_MAX:
        others = (name for name in found if name not in {CART, kept})
        del found[min(others, key=lambda name: (found[name].changed_at, name))]
    return found
