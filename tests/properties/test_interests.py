"""What holds of interests for every history."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine import interests
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import CategoryViewed, Event, ProductViewed
from engine.holdings import BOUGHT_MAX, INTERESTS_MAX
from engine.interests import Bounds
from engine.products import Line, Product
from engine.step import step
from engine.transactions import ReceiptIssued
from tests.support.story import Book

DAY_MS: Final = 24 * 60 * 60_000
SETTINGS: Final = {"features": {"category_interest": True}, "interest_days": 5}
DEFINITIONS: Final[Definitions] = Book().change("settings", "settings", "put", SETTINGS).definitions

instants = st.integers(0, 20).map(lambda day: day * DAY_MS)
categories = st.sampled_from(["a", "b", "c"])


def viewed(category: str, at: int) -> Event:
    product = Product(id=category, category=category)
    return ProductViewed(id=f"v{category}{at}", occurred_at=at, product=product)


def listed(category: str, at: int) -> Event:
    return CategoryViewed(id=f"l{category}{at}", occurred_at=at, category=category)


def bought(category: str, at: int) -> Event:
    return ReceiptIssued(
        id=f"b{category}{at}",
        occurred_at=at,
        receipt_id=f"{category}{at}",
        updated_at=at,
        total=Decimal(1),
        lines=(Line(id=category, category=category),),
    )


events = (
    st.builds(viewed, categories, instants)
    | st.builds(listed, categories, instants)
    | st.builds(bought, categories, instants)
)


def after(history: Sequence[Event], *, now: int) -> Customer:
    customer = Customer(id="c")
    for event in history:
        customer = step(customer, event, DEFINITIONS, now).customer
    return customer


@given(st.lists(events, max_size=25), st.data())
def test_any_order_of_arrival_leaves_the_same_interests(
    history: list[Event], data: st.DataObject
) -> None:
    now = data.draw(instants)
    shuffled = data.draw(st.permutations(history))

    found = [
        {
            one.category
            for one in interests.strongest(after(order, now=now), Bounds(now, 5 * DAY_MS))
        }
        for order in (history, shuffled)
    ]

    assert found[0] == found[1] == _expected(history, now=now)


@given(st.lists(events, max_size=25))
def test_the_same_history_gives_the_same_interests(history: list[Event]) -> None:
    assert after(history, now=20 * DAY_MS) == after(history, now=20 * DAY_MS)


@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=400))
def test_interests_stay_within_their_bounds(history: list[tuple[int, bool]]) -> None:
    customer = Customer(id="c")
    for place, (category, is_purchase) in enumerate(history):
        event = (bought if is_purchase else viewed)(str(category), place)
        customer = step(customer, event, DEFINITIONS, place).customer

    assert len(customer.interests) <= INTERESTS_MAX
    assert len(customer.bought_in) <= BOUGHT_MAX


@given(st.lists(events, max_size=20), st.lists(events, max_size=20))
def test_merged_interests_are_those_of_both(one: list[Event], other: list[Event]) -> None:
    now = 20 * DAY_MS
    first, second = after(one, now=now), after(other, now=now)
    both = msgspec.structs.replace(
        first,
        interests=interests.merged(first.interests, second.interests),
        bought_in=interests.latest(first.bought_in, second.bought_in),
    )

    found = {one.category for one in interests.strongest(both, Bounds(now, 5 * DAY_MS))}

    assert found == _expected([*one, *other], now=now)


def _expected(history: Sequence[Event], *, now: int) -> set[str]:
    """By the rule itself: the last view is within the days, and no purchase came at or after it."""
    standing = set()
    for category in "abc":
        views = [
            e.occurred_at
            for e in history
            if not isinstance(e, ReceiptIssued) and _of(e) == category
        ]
        buys = [
            e.occurred_at for e in history if isinstance(e, ReceiptIssued) and _of(e) == category
        ]
        if views and max(views) > now - 5 * DAY_MS and max(views) > max(buys, default=-1):
            standing.add(category)
    return standing


def _of(event: Event) -> str | None:
    match event:
        case ProductViewed():
            return event.product.category
        case CategoryViewed():
            return event.category
        case ReceiptIssued():
            return event.lines[0].category
        case _:
            return None
