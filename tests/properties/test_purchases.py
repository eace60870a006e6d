"""The same set of receipts, returns, corrections, orders and statuses gives the same metrics."""

from collections.abc import Sequence
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from engine import purchases
from engine.customer import Customer
from engine.events import OrderCompleted, OrderUpdated
from engine.metrics import builtin
from engine.purchases import PurchaseEvent
from engine.transactions import OrderPlaced, ReceiptIssued
from tests.support import bookkeeping, histories
from tests.support.examples import examples

Metrics: TypeAlias = dict[str, object]

sets = st.lists(histories.purchases, max_size=12)


def metrics_of(events: Sequence[PurchaseEvent]) -> Metrics:
    customer = Customer(id="c")
    for event in events:
        customer = purchases.apply(customer, event)
    return dict(builtin.values(customer, now=0))


def said_once(events: Sequence[PurchaseEvent]) -> list[PurchaseEvent]:
    """No two versions of one thing at one source time, no event id twice: what sources promise."""
    found: dict[object, PurchaseEvent] = {}
    for event in events:
        match event:
            case ReceiptIssued():
                found.setdefault(("receipt", event.receipt_id, event.updated_at), event)
            case OrderPlaced():
                found.setdefault(("order", event.order_id, event.updated_at), event)
            case OrderCompleted() | OrderUpdated():
                found.setdefault(("seen", event.order_id, event.occurred_at), event)
            case _:
                found.setdefault((type(event), event.id), event)
    return list(found.values())


@given(st.data(), sets)
def test_any_order_with_any_repetition_gives_the_same_metrics(
    data: st.DataObject, events: list[PurchaseEvent]
) -> None:
    again = data.draw(st.lists(st.sampled_from(events), max_size=10)) if events else []
    shuffled = data.draw(st.permutations([*events, *again]))

    assert metrics_of(shuffled) == metrics_of(events)


@settings(max_examples=examples(200))
@given(sets)
def test_the_metrics_are_those_of_a_plain_recomputation(events: list[PurchaseEvent]) -> None:
    """Net of returns, cancellations and corrections, in either currency.

    M137, M138, M141, M142, M143, M144, M145, M146, M147, M148, M149, M215.
    """
    events = said_once(events)
    receipts, orders = bookkeeping.receipts(events), bookkeeping.orders(events)
    gone = bookkeeping.cancelled_unknown(events)
    currency = bookkeeping.currency_of(receipts) or bookkeeping.currency_of(orders, gone=gone)

    metrics = metrics_of(events)

    bought = bookkeeping.sums(receipts, currency=currency)
    ordered = bookkeeping.sums(orders, currency=currency, gone=gone)
    assert {name: metrics[f"receipts_{name}"] for name in bought} == bought
    told = ("count", "total", "average", "average_products")
    assert {name: metrics[f"orders_{name}"] for name in told} == {
        name: ordered[name] for name in told
    }


@given(st.data(), sets)
def test_merging_two_identities_gives_the_metrics_of_both_histories(
    data: st.DataObject, events: list[PurchaseEvent]
) -> None:
    """A receipt that both knew counts once, whichever of them is the survivor."""
    is_mine = [data.draw(st.sampled_from(["one", "other", "both"])) for _ in events]
    one, other = Customer(id="c"), Customer(id="c")
    for event, whose in zip(events, is_mine, strict=True):
        one = purchases.apply(one, event) if whose != "other" else one
        other = purchases.apply(other, event) if whose != "one" else other

    both = purchases.joined(one, other)

    assert dict(builtin.values(both, now=0)) == metrics_of(events)
    assert builtin.values(purchases.joined(other, one), now=0) == builtin.values(both, now=0)
