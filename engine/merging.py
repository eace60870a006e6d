"""Two customers who turned out to be one person: a rule for every field of `Customer`.

The survivor is the stronger identity. What adds up is added, what has an
order in time is put in that order, and where only one value can stay it is the survivor's. No rule
looks at which of the two was first in a log, so the order of merges does not show.

A field without a rule fails `tests/unit/engine/test_merging.py`.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import msgspec

from engine import (
    capping,
    carts,
    checkouts,
    contacts,
    favourites,
    interests,
    joining,
    memberships,
    notes,
    orderstatuses,
    points,
    purchases,
    rhythm,
    views,
)
from engine.aggregates import shares
from engine.customer import (
    ARMS_MAX,
    CART_ITEMS_MAX,
    ENTERED_MAX,
    HELD_MAX,
    MESSAGES_MAX,
    Cart,
    CartItem,
    Customer,
    SentMessage,
)
from engine.instances import INSTANCES_MAX, PURSUITS_MAX, Instance, Pursuit
from engine.lists import loyalty, promocodes, surveys, tags
from engine.messages import Message

T = TypeVar("T")


def merged(survivor: Customer, joined: Customer) -> Customer:
    """What is known of the person from both; bounded as each of them is."""
    fields = {name: rule(survivor, joined) for name, rule in RULES.items()}
    return msgspec.structs.replace(survivor, **fields)


def _containers(survivor: Customer, joined: Customer) -> dict[str, Cart]:
    mine, theirs = _unbought(survivor, joined), _unbought(joined, survivor)
    both = {
        name: _cart(mine.get(name, Cart()), theirs.get(name, Cart())) for name in {**mine, **theirs}
    }
    return carts.bounded(both, kept=carts.CART)


def _unbought(customer: Customer, other: Customer) -> dict[str, Cart]:
    """The containers, without what the other identity's last order came after."""
    ordered_at = other.orders.last_at
    cart = customer.containers.get(purchases.CART)
    if ordered_at is None or cart is None:
        return customer.containers
    left = tuple(item for item in cart.items if item.added_at > ordered_at)
    others = {k: known for k, known in customer.containers.items() if k != purchases.CART}
    if not left:
        return others
    return {**others, purchases.CART: msgspec.structs.replace(cart, items=left)}


def _cart(survivor: Cart, joined: Cart) -> Cart:
    """The items of both; quantities add up, as they would have in one cart."""
    items: dict[str, CartItem] = {}
    for item in sorted((*joined.items, *survivor.items), key=_added):
        known = items.pop(item.product.id, None)
        had = 0 if known is None else known.product.quantity
        product = msgspec.structs.replace(item.product, quantity=had + item.product.quantity)
        items[item.product.id] = msgspec.structs.replace(item, product=product)
    newer, older = (
        (survivor, joined) if survivor.changed_at >= joined.changed_at else (joined, survivor)
    )
    return Cart(
        items=tuple(items.values())[-CART_ITEMS_MAX:],
        changed_at=newer.changed_at,
        cart_id=newer.cart_id or older.cart_id,
        currency=newer.currency or older.currency,
    )


def _added(item: CartItem) -> tuple[int, str]:
    return item.added_at, item.product.id


def _messages(survivor: Customer, joined: Customer) -> tuple[SentMessage, ...]:
    found: dict[str, SentMessage] = {}
    for sent in (*joined.messages, *survivor.messages):
        known = found.get(sent.message_id)
        heard = (*(() if known is None else known.responses), *sent.responses)
        found[sent.message_id] = msgspec.structs.replace(
            sent, responses=tuple(dict.fromkeys(heard))
        )
    by_time = sorted(found.values(), key=lambda sent: (sent.decided_at, sent.message_id))
    return tuple(by_time)[-MESSAGES_MAX:]


def _held(survivor: Customer, joined: Customer) -> tuple[Message, ...]:
    found = {message.id: message for message in (*joined.held, *survivor.held)}
    return tuple(sorted(found.values(), key=lambda one: (one.expires_at, one.id)))[-HELD_MAX:]


def _entered(survivor: Customer, joined: Customer) -> dict[str, int]:
    latest = dict(survivor.entered)
    for campaign, at in joined.entered.items():
        latest[campaign] = max(at, latest.get(campaign, at))
    by_time = sorted(latest.items(), key=lambda entry: (entry[1], entry[0]))
    return dict(by_time[-ENTERED_MAX:])


def _arms(survivor: Customer, joined: Customer) -> dict[str, str]:
    """Of an experiment both were in, the survivor's; the newest of either are kept."""
    both = {**joined.arms, **survivor.arms}
    return dict(list(both.items())[-ARMS_MAX:])


def _runs(survivor: Customer, joined: Customer) -> tuple[Instance, ...]:
    """The runs of both; of two about the same the one that began first goes on."""
    found: dict[tuple[str, str], Instance] = {}
    both = sorted((*survivor.runs, *joined.runs), key=lambda one: (one.entered_at, one.id))
    for one in both:
        found.setdefault((one.campaign, one.key), one)
    return tuple(found.values())[:INSTANCES_MAX]


def _pursuits(survivor: Customer, joined: Customer) -> tuple[Pursuit, ...]:
    found = {one.id: one for one in (*joined.pursuits, *survivor.pursuits)}
    by_time = sorted(found.values(), key=lambda one: (one.caused_at, one.id))
    return tuple(by_time)[-PURSUITS_MAX:]


def _either(first: T | None, second: T | None, choose: Callable[[T, T], T]) -> T | None:
    if first is None or second is None:
        return second if first is None else first
    return choose(first, second)


RULES: Final[Mapping[str, Callable[[Customer, Customer], object]]] = {
    "id": lambda survivor, _joined: survivor.id,
    "attributes": joining.attributes,
    "attribute_times": joining.attribute_times,
    "attribute_changes": joining.attribute_changes,
    "email": joining.address("email"),
    "phone": joining.address("phone"),
    "contacts": joining.reached,
    "suppressions": joining.suppressions,
    "tokens": lambda survivor, joined: contacts.tokens_of_both(joined.tokens, survivor.tokens),
    "zones": joining.zones,
    "subscriptions": joining.subscriptions,
    "answers": joining.answers,
    "preferred": joining.preferred,
    "containers": _containers,
    "views": lambda survivor, joined: views.merged(joined.views, survivor.views),
    "orders": lambda survivor, joined: purchases.joined(survivor, joined).orders,
    "order_ledger": lambda survivor, joined: purchases.joined(survivor, joined).order_ledger,
    "receipts": lambda survivor, joined: purchases.joined(survivor, joined).receipts,
    "receipt_ledger": lambda survivor, joined: purchases.joined(survivor, joined).receipt_ledger,
    "order_statuses": lambda survivor, joined: orderstatuses.merged(
        survivor.order_statuses, joined.order_statuses
    ),
    "checkout": lambda survivor, joined: checkouts.newest(survivor.checkout, joined.checkout),
    "source": lambda survivor, joined: survivor.source or joined.source,
    "messages": _messages,
    "active_hours": lambda survivor, joined: rhythm.merged(
        survivor.active_hours, joined.active_hours
    ),
    "held": _held,
    "counts": lambda survivor, joined: capping.merged(survivor.counts, joined.counts),
    "entered": _entered,
    "arms": _arms,
    "runs": _runs,
    "notes": lambda survivor, joined: notes.merged(survivor.notes, joined.notes),
    "pursuits": _pursuits,
    "first_seen_at": lambda survivor, joined: _either(
        survivor.first_seen_at, joined.first_seen_at, min
    ),
    "last_seen_at": lambda survivor, joined: _either(
        survivor.last_seen_at, joined.last_seen_at, max
    ),
    "events_count": lambda survivor, joined: survivor.events_count + joined.events_count,
    "loyalty": lambda survivor, joined: loyalty.newest(survivor.loyalty, joined.loyalty),
    "points": lambda survivor, joined: points.merged(survivor.points, joined.points),
    "promo_codes": lambda survivor, joined: promocodes.merged(
        survivor.promo_codes, joined.promo_codes
    ),
    "segments": lambda survivor, joined: memberships.joined(survivor.segments, joined.segments),
    "tags": lambda survivor, joined: tags.merged(survivor.tags, joined.tags),
    "interests": lambda survivor, joined: interests.merged(survivor.interests, joined.interests),
    "bought_in": lambda survivor, joined: interests.latest(survivor.bought_in, joined.bought_in),
    "surveys": lambda survivor, joined: surveys.merged(joined.surveys, survivor.surveys),
    "receipt_baskets": lambda survivor, joined: favourites.joined(survivor, joined).receipt_baskets,
    "order_baskets": lambda survivor, joined: favourites.joined(survivor, joined).order_baskets,
    "tallies": lambda survivor, joined: shares.joined(survivor.tallies, joined.tallies),
}
"""By field of `Customer`: (survivor, joined) -> the value of the person."""
