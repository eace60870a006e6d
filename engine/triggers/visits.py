"""What is seen of a customer: T03, T06, T24 by silence, T25, T27 to T29 and T31 by the event."""

import fnmatch
from collections.abc import Iterator
from typing import Final

from engine import carts, durations
from engine.aggregates import documents
from engine.conditions.evaluation import Document
from engine.customer import Customer, View
from engine.definitions.triggers.visits import (
    BrowseAbandoned,
    CategorySeen,
    CustomEvent,
    Dormant,
    PageSeen,
    ProductSeen,
    Returned,
    SearchAbandoned,
)
from engine.events import CategoryViewed, PageViewed, ProductViewed, SourceEvent
from engine.facts import Reason
from engine.triggers import matching
from engine.triggers.machines import DAY_MS, Arm, Fire, Machine, Outcome, Rung, Seen


def _last_bought_at(customer: Customer) -> int:
    return max(customer.receipts.last_at or 0, customer.orders.last_at or 0)


def _browse(seen: Seen[BrowseAbandoned]) -> Iterator[Outcome]:
    """T03."""
    idle_ms = durations.parse_ms(seen.trigger.params.idle)
    yield Arm(seen.event.occurred_at + idle_ms, is_latest=True)


def _browsed(rung: Rung[BrowseAbandoned]) -> Document | None:
    """The products looked at lately that came to nothing, the latest first."""
    params = rung.trigger.params
    left = [view for view in reversed(rung.customer.views) if _is_left(view, rung)]
    if len(left) < params.min_views:
        return None
    shown = [{"id": view.product_id, "category": view.category} for view in left]
    return {"products": shown, "count": len(shown)}


def _is_left(view: View, rung: Rung[BrowseAbandoned]) -> bool:
    params, catalogue = rung.trigger.params, rung.definitions.catalogue
    since = rung.due_at - durations.parse_ms(params.idle) - durations.parse_ms(params.window)
    if view.viewed_at < since:
        return False
    if params.not_purchased and view.viewed_at <= _last_bought_at(rung.customer):
        return False
    cart = carts.container(rung.customer, carts.CART)
    if params.not_added and any(item.product.id == view.product_id for item in cart.items):
        return False
    return matching.is_within(view.category, params.categories, catalogue)


def _bought_since(trigger: BrowseAbandoned, customer: Customer, caused_at: int) -> Reason | None:
    if not trigger.params.not_purchased:
        return None
    looked_at = caused_at - durations.parse_ms(trigger.params.idle)
    return "completed" if _last_bought_at(customer) > looked_at else None


def _search(seen: Seen[SearchAbandoned]) -> Iterator[Outcome]:
    """T06."""
    event, params = seen.event, seen.trigger.params
    if isinstance(event, SourceEvent) and params.event.strip().casefold() in documents.names(event):
        yield Arm(event.occurred_at + durations.parse_ms(params.idle), is_latest=True)


def _searched(rung: Rung[SearchAbandoned]) -> Document | None:
    searched_at = rung.due_at - durations.parse_ms(rung.trigger.params.idle)
    return None if _last_bought_at(rung.customer) > searched_at else {"searched_at": searched_at}


def _found_since(trigger: SearchAbandoned, customer: Customer, caused_at: int) -> Reason | None:
    searched_at = caused_at - durations.parse_ms(trigger.params.idle)
    return "completed" if _last_bought_at(customer) > searched_at else None


def _seen_now(seen: Seen[Dormant]) -> Iterator[Outcome]:
    """T24: each visit moves the timer on."""
    last_at = seen.customer.last_seen_at
    if last_at is not None:
        yield Arm(last_at + seen.trigger.params.days * DAY_MS, is_latest=True)


def _dormant(rung: Rung[Dormant]) -> Document | None:
    last_at, days = rung.customer.last_seen_at, rung.trigger.params.days
    is_over = last_at is not None and last_at + days * DAY_MS <= rung.due_at
    return {"last_seen_at": last_at, "days": days} if is_over else None


def _returned(seen: Seen[Returned]) -> Iterator[Outcome]:
    """T25: by the visit before this one."""
    last_at, event = seen.before.last_seen_at, seen.event
    absence_ms = seen.trigger.params.days * DAY_MS
    if last_at is not None and event.occurred_at - last_at >= absence_ms:
        yield Fire()


def _page(seen: Seen[PageSeen]) -> Iterator[Outcome]:
    """T27."""
    url = seen.event.url if isinstance(seen.event, PageViewed) else None
    if url is not None and fnmatch.fnmatchcase(url, _escaped(seen.trigger.params.url)):
        yield Fire()


def _escaped(pattern: str) -> str:
    """Only `*` is special: addresses are full of question marks and brackets."""
    return "".join(f"[{char}]" if char in "?[" else char for char in pattern)


def _product(seen: Seen[ProductSeen]) -> Iterator[Outcome]:
    """T28."""
    event, params, catalogue = seen.event, seen.trigger.params, seen.definitions.catalogue
    if (
        isinstance(event, ProductViewed)
        and matching.is_listed(event.product.id, params.products)
        and matching.is_within(catalogue.category_of(event.product), params.categories, catalogue)
        and matching.is_between(event.product.price, params.min_price, params.max_price)
    ):
        yield Fire()


def _category(seen: Seen[CategorySeen]) -> Iterator[Outcome]:
    """T29."""
    event, params = seen.event, seen.trigger.params
    if isinstance(event, CategoryViewed) and matching.is_within(
        event.category,
        params.categories,
        seen.definitions.catalogue,
        deep=params.include_children,
    ):
        yield Fire()


def _custom(seen: Seen[CustomEvent]) -> Iterator[Outcome]:
    """T31."""
    event, wanted = seen.event, seen.trigger.params.event.strip().casefold()
    if isinstance(event, SourceEvent) and wanted in documents.names(event):
        yield Fire()


BROWSED: Final = Machine(_browse, _browsed, _bought_since)
SEARCHED: Final = Machine(_search, _searched, _found_since)
DORMANT: Final = Machine(_seen_now, _dormant)
RETURNED: Final = Machine(_returned)
PAGE: Final = Machine(_page)
PRODUCT: Final = Machine(_product)
CATEGORY: Final = Machine(_category)
CUSTOM: Final = Machine(_custom)
