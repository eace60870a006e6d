"""Which events a metric meets, what it takes of them, and when it starts anew."""

from decimal import Decimal

import msgspec
import pytest

from engine import counting
from engine.aggregates import documents
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import (
    CartItemAdded,
    Event,
    OrderCompleted,
    PageViewed,
    ProductViewed,
    SourceEvent,
    Tracked,
)
from engine.products import Product
from tests.support.metrics import defined, metric
from tests.support.story import Book

SHOES = Product(id="p1", name="Shoes", category="shoes", price=Decimal("39.90"))

HOUR = 3_600_000
MONDAY = 1_764_547_200_000


def viewed(
    name: str = "Product Viewed", event_id: str = "e1", at: int = 0, **properties: object
) -> ProductViewed:
    return ProductViewed(
        id=event_id,
        occurred_at=at,
        name=name,
        product=SHOES,
        properties=msgspec.Raw(msgspec.json.encode(properties)),
    )


def after(definitions: Definitions, *events: Event, now: int = 0) -> Customer:
    customer = Customer(id="c")
    for event in events:
        customer = counting.count(customer, event, definitions.counters, now=now)
    return customer


def value(customer: Customer, definitions: Definitions, *, now: int = 0) -> object:
    return counting.value(customer, definitions.counters.by_id["m"], now=now).value


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (viewed("Viewed Product"), {"product viewed", "viewed product"}),
        (viewed("Product Viewed"), {"product viewed"}),
        (PageViewed(id="e", occurred_at=0, name="Product Viewed"), {"page viewed"}),
        (
            CartItemAdded(id="e", occurred_at=0, name="add_to_cart", product=SHOES),
            {"product added", "add_to_cart"},
        ),
        (
            CartItemAdded(id="e", occurred_at=0, name="x", product=SHOES, container="wishlist"),
            {"product added to wishlist", "x"},
        ),
        (
            OrderCompleted(id="e", occurred_at=0, name="Completed Order", order_id="o"),
            {"order completed", "completed order"},
        ),
        (Tracked(id="e", occurred_at=0, name="Quiz Done"), {"quiz done"}),
    ],
)
def test_an_event_is_known_by_what_it_is_and_as_it_was_called(
    event: SourceEvent, names: set[str]
) -> None:
    assert set(documents.names(event)) == names


def test_a_metric_counts_its_own_events_in_any_case_and_no_other() -> None:
    definitions = defined(metric(event="product VIEWED"))

    customer = after(
        definitions, viewed(), viewed("viewed product"), Tracked(id="x", occurred_at=0)
    )

    assert value(customer, definitions) == 2


def test_a_metric_without_an_event_counts_every_one() -> None:
    definitions = defined(metric())

    assert value(after(definitions, viewed(), Tracked(id="x", occurred_at=0)), definitions) == 2


def test_an_event_that_no_metric_is_of_leaves_the_customer_as_it_is() -> None:
    customer = Customer(id="c")
    definitions = defined(metric(event="Quiz Done"))

    assert counting.count(customer, viewed(), definitions.counters, now=0) is customer


def test_a_filter_lets_only_some_pass() -> None:
    cheap = {"op": "prop", "path": "properties.price", "is": "<", "value": 20}
    definitions = defined(metric(filter=cheap))

    customer = after(definitions, viewed(price="19.99"), viewed(price=20), viewed())

    assert value(customer, definitions) == 1


def test_the_first_and_the_last_without_a_field_are_instants() -> None:
    five, seven = MONDAY + 5 * HOUR, MONDAY + 7 * HOUR
    events = (viewed(event_id="b", at=seven), viewed(event_id="a", at=five))

    for aggregate, at in (("first", five), ("last", seven)):
        definitions = defined(metric(aggregate=aggregate))
        assert value(after(definitions, *events), definitions) == at


@pytest.mark.parametrize("aggregate", ["first", "last"])
def test_a_whole_number_is_remembered_up_to_64_bits(aggregate: str) -> None:
    """A barcode has thirteen digits, one more than a number that is summed up."""
    definitions = defined(metric(aggregate=aggregate, field="properties.ean"))

    for ean, kept in ((4006381333931, 4006381333931), (2**63 - 1, 2**63 - 1), (2**63, None)):
        customer = after(definitions, viewed(ean=ean))
        assert value(customer, definitions) == kept


def test_an_event_that_is_later_than_its_window_is_not_counted() -> None:
    definitions = defined(metric(window="1h"))

    assert value(after(definitions, viewed(at=0), now=HOUR), definitions, now=HOUR) == 0


def test_a_changed_meaning_counts_anew_and_changed_words_go_on() -> None:
    book = Book().change("metrics", "m", "put", metric())
    customer = after(book.definitions, viewed())

    book.change("metrics", "m", "put", metric(name="Views", history=False))
    assert value(customer, book.definitions) == 1
    book.change("metrics", "m", "put", metric(event="Product Viewed"))
    assert value(customer, book.definitions) == 0
    counted = counting.count(customer, viewed(), book.definitions.counters, now=0)
    assert value(counted, book.definitions) == 1


def test_what_is_deleted_leaves_the_row_with_the_next_change() -> None:
    book = Book().change("metrics", "m", "put", metric()).change("metrics", "n", "put", metric("n"))
    customer = after(book.definitions, viewed())
    book.change("metrics", "n", "delete")

    counted = counting.count(customer, viewed(), book.definitions.counters, now=0)

    assert (set(customer.tallies), set(counted.tallies)) == ({"m", "n"}, {"m"})


def test_a_metric_that_was_deleted_and_comes_back_starts_anew() -> None:
    book = Book().change("metrics", "m", "put", metric())
    customer = after(book.definitions, viewed())

    book.change("metrics", "m", "delete").change("metrics", "m", "put", metric())

    assert value(customer, book.definitions) == 0
