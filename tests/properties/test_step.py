"""What holds of `step` for every history of a customer."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from engine.customer import Customer
from engine.events import Event
from engine.step import Decision, step
from tests.support import histories
from tests.support.story import one_campaign

DEFINITIONS = one_campaign()


def stepped(history: Sequence[Event]) -> list[Decision]:
    """Every decision, each event logged when the latest so far occurred."""
    decisions: list[Decision] = []
    customer, now = Customer(id="c"), 0
    for event in history:
        now = max(now, event.occurred_at)
        decisions.append(step(customer, event, DEFINITIONS, now))
        customer = decisions[-1].customer
    return decisions


def last(history: Sequence[Event]) -> Customer:
    return stepped(history)[-1].customer if history else Customer(id="c")


@given(st.lists(histories.events, max_size=25))
def test_the_same_history_gives_the_same_decisions(history: list[Event]) -> None:
    assert stepped(history) == stepped(history)


@given(st.lists(histories.adds | histories.removals | histories.carts_seen, max_size=30))
def test_a_cart_holds_each_product_once_and_at_least_one_piece(history: list[Event]) -> None:
    for decision in stepped(history):
        for cart in decision.customer.containers.values():
            products = [item.product for item in cart.items]
            assert all(product.quantity > 0 for product in products)
            assert len({product.id for product in products}) == len(products) > 0
