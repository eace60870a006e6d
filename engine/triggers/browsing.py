"""T03 to T05: products and categories looked at, and nothing came of it.

Each look moves the timer on. Products are known by the customer's last views; of the lists of
categories that were opened a note holds the last ten.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias, TypeVar

import msgspec

from engine import carts, durations
from engine.conditions.evaluation import Document
from engine.customer import Customer, View
from engine.definitions.triggers.browsing import CategoryBrowseAbandoned, LostView
from engine.definitions.triggers.visits import BrowseAbandoned
from engine.events import CategoryViewed
from engine.notes import Note
from engine.reasons import Reason
from engine.triggers import matching
from engine.triggers.machines import Arm, Began, Keep, Machine, Outcome, Rung, Seen

CATEGORIES_MAX: Final = 10

Browse: TypeAlias = BrowseAbandoned | CategoryBrowseAbandoned | LostView
B = TypeVar("B", BrowseAbandoned, CategoryBrowseAbandoned, LostView)


class Looks(NamedTuple):
    """At a category: how often, and when last."""

    category: str
    views_count: int
    last_at: int


class _Opened(msgspec.Struct, frozen=True, array_like=True):
    """A list of a category's products, as a note holds it."""

    category: str
    at: int


_decode: Final = msgspec.json.Decoder(tuple[_Opened, ...]).decode


def _follow(seen: Seen[B]) -> Iterator[Outcome]:
    event = seen.event
    if isinstance(event, CategoryViewed):
        opened = (*_opened(seen.note()), _Opened(event.category, event.occurred_at))
        kept = sorted(opened, key=lambda one: (one.at, one.category))[-CATEGORIES_MAX:]
        yield Keep(text=msgspec.json.encode(kept).decode())
    idle_ms = durations.parse_ms(seen.trigger.params.idle)
    yield Arm(event.occurred_at + idle_ms, is_latest=True)


def _browsed(rung: Rung[BrowseAbandoned]) -> Document | None:
    """T03: the products looked at lately that came to nothing, the latest first."""
    left = _products(rung)
    if len(left) < rung.trigger.params.min_views:
        return None
    shown = [{"id": view.product_id, "category": view.category} for view in left]
    return {"products": shown, "count": len(shown)}


def _categories_browsed(rung: Rung[CategoryBrowseAbandoned]) -> Document | None:
    """T04: the categories, the one looked at most first."""
    left = _categories(rung)
    shown = [{"id": one.category, "views": one.views_count, "last_at": one.last_at} for one in left]
    return {"categories": shown, "count": len(shown)} if shown else None


def _strongest(rung: Rung[LostView]) -> Document | None:
    """T05."""
    for kind in rung.trigger.params.priority:
        if kind == "product":
            products = _products(rung)
            if len(products) >= rung.trigger.params.min_views:
                view = products[0]
                return {"kind": kind, "id": view.product_id, "category": view.category}
        elif categories := _categories(rung):
            return {"kind": kind, "id": categories[0].category, "category": categories[0].category}
    return None


def _products(rung: Rung[B]) -> list[View]:
    return [view for view in reversed(rung.customer.views) if _is_left(view, rung)]


def _is_left(view: View, rung: Rung[B]) -> bool:
    cart = carts.container(rung.customer, carts.CART)
    if rung.trigger.params.not_added and any(
        item.product.id == view.product_id for item in cart.items
    ):
        return False
    return _is_recent(view.viewed_at, rung) and _is_wanted(view.category, rung)


def _categories(rung: Rung[B]) -> list[Looks]:
    """What was looked at often enough, products of a category and lists of it."""
    catalogue, params = rung.definitions.catalogue, rung.trigger.params
    looks: defaultdict[str, list[int]] = defaultdict(list)
    for category, at in _looked(rung):
        if category is not None and _is_recent(at, rung) and _is_wanted(category, rung):
            looks[category].append(at)
    if params.not_added:
        for item in carts.container(rung.customer, carts.CART).items:
            looks.pop(catalogue.category_of(item.product) or "", None)
    found = [Looks(name, len(times), max(times)) for name, times in looks.items()]
    enough = [one for one in found if one.views_count >= params.min_views]
    return sorted(enough, key=lambda one: (-one.views_count, -one.last_at, one.category))


def _looked(rung: Rung[B]) -> Iterator[tuple[str | None, int]]:
    for view in rung.customer.views:
        yield view.category, view.viewed_at
    for one in _opened(rung.note()):
        yield one.category, one.at


def _opened(note: Note) -> tuple[_Opened, ...]:
    return _decode(note.text) if note.text else ()


def _is_recent(at: int, rung: Rung[B]) -> bool:
    params = rung.trigger.params
    since = rung.due_at - durations.parse_ms(params.idle) - durations.parse_ms(params.window)
    if at < since:
        return False
    return not params.not_purchased or at > last_bought_at(rung.customer)


def _is_wanted(category: str | None, rung: Rung[B]) -> bool:
    params = rung.trigger.params
    deep = isinstance(rung.trigger, BrowseAbandoned) or rung.trigger.params.include_children
    return matching.is_within(category, params.categories, rung.definitions.catalogue, deep=deep)


def last_bought_at(customer: Customer) -> int:
    """When anything was bought last, epoch ms; 0 for never."""
    return max(customer.receipts.last_at or 0, customer.orders.last_at or 0)


def _bought_since(trigger: Browse, customer: Customer, began: Began) -> Reason | None:
    if not trigger.params.not_purchased:
        return None
    looked_at = began.at - durations.parse_ms(trigger.params.idle)
    return "completed" if last_bought_at(customer) > looked_at else None


PRODUCTS: Final = Machine(_follow, _browsed, _bought_since)
CATEGORIES: Final = Machine(_follow, _categories_browsed, _bought_since)
STRONGEST: Final = Machine(_follow, _strongest, _bought_since)
