"""What may happen to a customer, drawn at random: for the properties of `step` and of rows."""

from decimal import Decimal

from hypothesis import strategies as st

from engine.declarations import SubscriptionsChanged
from engine.events import (
    CartItemAdded,
    CartItemRemoved,
    CartReplaced,
    Event,
    Identified,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
)
from engine.products import Line, Product
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued

MINUTE = 60_000

ids = st.integers(0, 60).map(lambda number: f"e{number}")
"""Few, so that some come twice."""

instants = st.integers(0, 100).map(lambda minute: minute * MINUTE)
amounts = st.integers(0, 50).map(Decimal)
currencies = st.sampled_from([None, "EUR", "USD"])
numbers = st.integers(0, 6).map(str)
products = st.builds(
    Product,
    id=st.sampled_from("abc"),
    price=st.none() | amounts,
    quantity=st.integers(1, 4),
)
listed = st.lists(products, max_size=4).map(tuple)
answers = st.booleans() | st.dictionaries(st.sampled_from(["promo", "news"]), st.booleans())
subscriptions = st.dictionaries(st.sampled_from(["email", "sms"]), answers)

adds = st.builds(CartItemAdded, id=ids, occurred_at=instants, product=products)
removals = st.builds(CartItemRemoved, id=ids, occurred_at=instants, product=products)
carts_seen = st.builds(CartReplaced, id=ids, occurred_at=instants, products=listed)
orders = st.builds(
    OrderCompleted,
    id=ids,
    occurred_at=instants,
    order_id=numbers,
    total=amounts,
    currency=currencies,
    products=listed,
)
quantities = st.integers(-3, 4).filter(bool)
lines = st.lists(
    st.builds(Line, id=st.sampled_from("abc"), price=st.none() | amounts, quantity=quantities),
    max_size=3,
).map(tuple)
statuses = st.sampled_from([None, None, "new", "cancelled", "Returned"])
updates = st.builds(
    OrderUpdated,
    id=ids,
    occurred_at=instants,
    order_id=numbers,
    total=amounts,
    currency=currencies,
    products=listed,
)
refunds = st.builds(
    OrderRefunded,
    id=ids,
    occurred_at=instants,
    order_id=numbers,
    total=st.none() | amounts,
    currency=currencies,
    products=st.just(()) | listed.map(lambda some: some[:1]),
)
cancellations = st.builds(OrderCancelled, id=ids, occurred_at=instants, order_id=numbers)
receipts = st.builds(
    ReceiptIssued,
    id=ids,
    occurred_at=instants,
    receipt_id=numbers,
    updated_at=st.integers(0, 5),
    total=amounts | amounts.map(lambda amount: -amount),
    currency=currencies,
    return_of=st.none() | st.none() | numbers,
    lines=lines,
    status=statuses,
    store_id=st.sampled_from([None, "s1", "s2"]),
)
placements = st.builds(
    OrderPlaced,
    id=ids,
    occurred_at=instants,
    order_id=numbers,
    updated_at=st.integers(0, 5),
    total=amounts,
    currency=currencies,
    return_of=st.none() | st.none() | numbers,
    lines=lines,
    status=statuses,
)
changes = st.builds(
    OrderStatusChanged, id=ids, occurred_at=instants, order_id=numbers, status=statuses
)
purchases = st.one_of(
    receipts, receipts, orders, updates, placements, changes, refunds, cancellations
)
identified = st.builds(
    Identified,
    id=ids,
    occurred_at=instants,
    traits=st.just({"email": "c@example.com"}),
    subscriptions=subscriptions,
)
consents = st.builds(
    SubscriptionsChanged,
    id=ids,
    occurred_at=instants,
    subscriptions=subscriptions,
    origin=st.just("customer"),
)

events: st.SearchStrategy[Event] = st.one_of(
    adds, adds, removals, carts_seen, orders, purchases, identified, consents
)
