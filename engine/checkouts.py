"""The checkout that a customer is in: begun by a tracker's word, ended by a purchase."""

from typing import Final

import msgspec

from engine import properties
from engine.customer import Cart, Checkout, Customer
from engine.events import Tracked
from engine.purchases import PurchaseEvent

NAMES: Final = frozenset(
    {
        "checkout started",
        "checkout step viewed",
        "checkout step completed",
        "payment info entered",
    }
)
"""As Segment calls them."""


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What properties say of a checkout; whatever is wrong counts as not said."""

    checkout_id: object = None
    order_id: object = None
    cart_id: object = None
    step: object = None


_SAID: Final = msgspec.json.Decoder(_Said)


def follow(customer: Customer, event: Tracked) -> Customer:
    """Note how far it got; one that names no checkout, or comes late, changes nothing."""
    if event.name.lower() not in NAMES or _last_bought_at(customer) > event.occurred_at:
        return customer
    said = properties.read(event, _SAID)
    checkout_id = None if said is None else properties.text(said.checkout_id, said.order_id)
    if said is None or checkout_id is None:
        return customer
    step = said.step if isinstance(said.step, int) and not isinstance(said.step, bool) else 1
    heard = Checkout(
        checkout_id=checkout_id,
        at=event.occurred_at,
        step=step,
        cart_id=properties.text(said.cart_id),
    )
    return msgspec.structs.replace(customer, checkout=newest(customer.checkout, heard))


def complete(customer: Customer, event: PurchaseEvent) -> Customer:
    """A purchase at the checkout's last step or after it ends it; the sums know of one."""
    known = customer.checkout
    if known is None:
        return customer
    if event.occurred_at < known.at or _last_bought_at(customer) < known.at:
        return customer
    return msgspec.structs.replace(customer, checkout=None)


def _last_bought_at(customer: Customer) -> int:
    return max(customer.orders.last_at or 0, customer.receipts.last_at or 0)


def is_of(checkout: Checkout, cart: Cart) -> bool:
    """Whether it is the cart's: by the ids, or because the cart stood when it was begun."""
    if checkout.cart_id is not None and cart.cart_id is not None:
        return checkout.cart_id == cart.cart_id
    return any(item.added_at <= checkout.at for item in cart.items)


def newest(one: Checkout | None, other: Checkout | None) -> Checkout | None:
    """Of two checkouts the one heard of last; of two words of one how far it got."""
    if one is None or other is None:
        return one or other
    later = max(one, other, key=lambda known: (known.at, known.checkout_id))
    if one.checkout_id != other.checkout_id:
        return later
    return msgspec.structs.replace(
        later,
        step=max(one.step, other.step),
        cart_id=later.cart_id or one.cart_id or other.cart_id,
    )
