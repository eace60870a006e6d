"""Interests by category: what the customer looks at, and has not bought yet.

    view ──▶ interest in its category ──▶ no purchase for X days ──▶ ended
                       │
                       └──▶ a purchase in it, or below it ──▶ satisfied

X days are the operator's word and have no default: without it, or with the feature off, nothing is
calculated and nothing is shown. An interest ends by time alone, so it is read, not swept. Its
strength is the number of views, each counting half after X/2 days (forward decay: Cormode et al.,
ICDE 2009): waiting alone never changes which of two interests is the stronger.

In any order of arrival the same categories stand. Their strength may differ by the views before a
purchase that came late.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from engine import purchases
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import (
    CategoryViewed,
    Event,
    OrderCompleted,
    ProductViewed,
    SourceEvent,
)
from engine.holdings import BOUGHT_MAX, INTERESTS_MAX, Interest
from engine.transactions import OrderPlaced, ReceiptIssued

SHOWN_MAX: Final = 10
"""The strongest are shown (M207)."""


class Bounds(NamedTuple):
    """Until when, and for how long, a view counts."""

    now: int
    window_ms: int

    def is_over(self, at: int) -> bool:
        """Whether what happened then counts no more."""
        return at + self.window_ms <= self.now


class Standing(NamedTuple):
    """An interest at an instant."""

    category: str
    strength: float
    interest: Interest


def follow(customer: Customer, event: Event, definitions: Definitions, *, now: int) -> Customer:
    """Take what the event says of interests; with the feature off, nothing."""
    window_ms = definitions.settings.interest_ms
    if window_ms is None:
        return customer
    catalogue, bounds = definitions.catalogue, Bounds(now, window_ms)
    match event:
        case ProductViewed(product=product):
            category = catalogue.category_of(product)
            return customer if category is None else view(customer, category, event, bounds)
        case CategoryViewed(category=category):
            return view(customer, category, event, bounds)
        case OrderCompleted() | OrderPlaced() | ReceiptIssued() if purchases.is_purchase(event):
            bought = {catalogue.category_of(line) for line in purchases.bought(event)} - {None}
            within = {above for one in bought if one for above in catalogue.lineage(one)}
            return satisfy(customer, within, event.occurred_at)
        case _:
            return customer


def strongest(customer: Customer, bounds: Bounds) -> list[Standing]:
    """The interests that stand, the strongest first, at most ten."""
    standing = [
        Standing(category, strength(interest, bounds), interest)
        for category, interest in customer.interests.items()
        if not bounds.is_over(interest.last_at)
        and interest.last_at > customer.bought_in.get(category, -1)
    ]
    standing.sort(key=lambda one: (-one.strength, -one.interest.last_at, one.category))
    return standing[:SHOWN_MAX]


def strength(interest: Interest, bounds: Bounds) -> float:
    """Views, each worth half after half of the window."""
    return interest.score * _faded(bounds.now - interest.last_at, bounds)


def view(customer: Customer, category: str, event: SourceEvent, bounds: Bounds) -> Customer:
    """Count a view; one before the last purchase there, or out of the window, counts nothing."""
    at = event.occurred_at
    if at <= customer.bought_in.get(category, -1) or bounds.is_over(at):
        return customer
    kept = {
        name: one for name, one in customer.interests.items() if not bounds.is_over(one.last_at)
    }
    kept[category] = _with_view(kept.get(category), at, bounds)
    return msgspec.structs.replace(customer, interests=_bounded(kept, bounds))


def satisfy(customer: Customer, categories: Iterable[str], at: int) -> Customer:
    """Something was bought in these: what was looked at before is no interest any more."""
    bought = dict(customer.bought_in)
    for category in categories:
        bought[category] = max(at, bought.get(category, -1))
    left = {
        category: interest
        for category, interest in customer.interests.items()
        if interest.last_at > bought.get(category, -1)
    }
    return msgspec.structs.replace(customer, interests=left, bought_in=newest(bought))


def merged(one: Mapping[str, Interest], other: Mapping[str, Interest]) -> dict[str, Interest]:
    """The interests of two identities of one person: views add up, as of the later time."""
    found = dict(one)
    for category, interest in other.items():
        known = found.get(category)
        found[category] = interest if known is None else _both(known, interest)
    by_time = sorted(found.items(), key=lambda item: (item[1].last_at, item[0]))
    return dict(by_time[-INTERESTS_MAX:])


def latest(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """When either identity bought last."""
    both = {name: max(one.get(name, -1), at) for name, at in other.items()}
    return newest({**one, **both})


def newest(bought: Mapping[str, int]) -> dict[str, int]:
    """The purchases made last, as many as a row bears."""
    if len(bought) <= BOUGHT_MAX:
        return dict(bought)
    by_time = sorted(bought.items(), key=lambda item: (item[1], item[0]))
    return dict(by_time[-BOUGHT_MAX:])


def _both(one: Interest, other: Interest) -> Interest:
    return Interest(
        one.score + other.score,
        min(one.first_at, other.first_at),
        max(one.last_at, other.last_at),
        one.views_count + other.views_count,
    )


def _with_view(known: Interest | None, at: int, bounds: Bounds) -> Interest:
    if known is None:
        return Interest(1.0, at, at, 1)
    if at >= known.last_at:
        score = known.score * _faded(at - known.last_at, bounds) + 1
    else:
        score = known.score + _faded(known.last_at - at, bounds)
    return Interest(score, min(at, known.first_at), max(at, known.last_at), known.views_count + 1)


def _bounded(interests: dict[str, Interest], bounds: Bounds) -> dict[str, Interest]:
    """Beyond the cap the weakest leave."""
    if len(interests) <= INTERESTS_MAX:
        return interests
    by_strength = sorted(
        interests.items(), key=lambda item: (strength(item[1], bounds), item[1].last_at, item[0])
    )
    return dict(by_strength[-INTERESTS_MAX:])


def _faded(age_ms: int, bounds: Bounds) -> float:
    return float(0.5 ** (2 * age_ms / bounds.window_ms))
