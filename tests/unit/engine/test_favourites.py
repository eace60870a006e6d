"""M216: the products bought most, as purchases come, are corrected, cancelled and given back."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine import baskets, merging
from engine.baskets import BASKETS_MAX, LINES_MAX, PRODUCTS_MAX, Basket, Baskets
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import Event, OrderCancelled, OrderCompleted
from engine.metrics import builtin
from engine.products import Line, Product
from engine.step import step
from engine.transactions import OrderPlaced, ReceiptIssued

DAY = 24 * 60 * 60 * 1000


def receipt(
    name: str,
    pieces: Mapping[str, int],
    *,
    day: int = 0,
    version: int = 0,
    return_of: str | None = None,
) -> ReceiptIssued:
    return ReceiptIssued(
        id=f"{name}/{version}",
        occurred_at=day * DAY,
        receipt_id=name,
        updated_at=version,
        total=Decimal(10 * sum(pieces.values())),
        return_of=return_of,
        lines=tuple(Line(id=product, quantity=count) for product, count in pieces.items()),
    )


def order(name: str, **pieces: int) -> OrderCompleted:
    products = tuple(Product(id=product, quantity=count) for product, count in pieces.items())
    return OrderCompleted(id=name, occurred_at=0, order_id=name, products=products)


def favourites(*events: Event) -> object:
    customer = Customer(id="c")
    for event in events:
        customer = step(customer, event, Definitions(), event.occurred_at).customer
    return builtin.values(customer, now=0)["favourite_products"]


def test_the_most_bought_comes_first_and_of_as_many_the_last_bought() -> None:
    events = (
        receipt("r1", {"a": 1, "b": 3, "c": 1}),
        receipt("r2", {"d": 1}, day=1),
        receipt("r3", {"a": 1}, day=2),
    )

    assert favourites(*events) == ("b", "a", "d", "c")


def test_a_correction_counts_instead_of_what_it_corrects_in_any_order() -> None:
    first, second = receipt("r1", {"a": 5}), receipt("r1", {"b": 1}, version=1)

    assert favourites(first, second) == favourites(second, first) == ("b",)


def test_what_is_given_back_is_not_bought() -> None:
    bought, back = receipt("r1", {"a": 3, "b": 2}), receipt("r2", {"a": 2}, day=1, return_of="r1")

    assert favourites(bought, back) == favourites(back, bought) == ("b", "a")


def test_a_receipt_given_back_whole_leaves_nothing() -> None:
    whole = receipt("r2", {"a": 3, "b": 2}, day=1, return_of="r1")

    assert favourites(receipt("r1", {"a": 3, "b": 2}), whole, receipt("r3", {"b": 1})) == ("b",)


def test_orders_count_where_there_are_no_receipts() -> None:
    assert favourites(order("o1", a=1, b=2)) == ("b", "a")
    assert favourites(order("o1", a=1, b=2), receipt("r1", {"c": 1})) == ("c",)


def test_an_order_told_twice_counts_once() -> None:
    assert favourites(order("o1", a=2), order("o2", b=3), order("o1", a=2)) == ("b", "a")


def test_older_baskets_go_on_counting_as_counts() -> None:
    many = [receipt(f"r{n}", {"a": 1}, day=n) for n in range(3 * BASKETS_MAX)]

    assert favourites(*many, receipt("last", {"b": 3 * BASKETS_MAX - 1}, day=99)) == ("a", "b")


def test_the_bounds_are_kept_at_their_edge() -> None:
    kept = Baskets()
    for number in range(PRODUCTS_MAX + BASKETS_MAX + 1):
        line = (f"{number:03}", 2 if number else 1)
        kept = baskets.with_basket(kept, Basket(b"%08d" % number, number, (line,)))

    assert (len(kept.open), len(kept.counts)) == (BASKETS_MAX, PRODUCTS_MAX)
    assert "000" not in kept.counts
    assert len(baskets.lines((f"p{n}", 1) for n in range(LINES_MAX + 1))) == LINES_MAX


def test_a_row_at_every_bound_takes_no_more_than_30_kib() -> None:
    lines = tuple((f"{n:064}", 1_000_000) for n in range(LINES_MAX))
    full = Baskets(
        tuple(Basket(bytes(8), 2**42, lines) for _ in range(BASKETS_MAX)),
        {f"{n:064}": (1_000_000, 2**42) for n in range(PRODUCTS_MAX)},
    )

    assert len(msgspec.msgpack.encode(full)) <= 30 * 1024


versions = st.tuples(
    st.integers(0, 4),
    st.integers(0, 3),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 4)),
)


@given(st.lists(versions, max_size=8, unique_by=lambda told: told[:2]).flatmap(st.permutations))
def test_whatever_the_order_of_arrival_the_newest_versions_count(
    arrived: list[tuple[int, int, dict[str, int]]],
) -> None:
    by_version = sorted(arrived, key=lambda told: told[1])
    newest = {number: pieces for number, _, pieces in by_version}
    bought: Counter[str] = Counter()
    for pieces in newest.values():
        bought.update(pieces)

    found = favourites(*(receipt(f"r{n}", pieces, version=v) for n, v, pieces in arrived))

    assert found == tuple(sorted(bought, key=lambda product: (-bought[product], product)))


def test_an_order_that_the_other_identity_cancelled_is_no_favourite() -> None:
    placed = OrderPlaced(
        id="p",
        occurred_at=1,
        order_id="o",
        updated_at=1,
        total=Decimal(5),
        lines=(Line(id="kettle", quantity=1),),
    )
    known = step(Customer(id="17"), placed, Definitions(), 1).customer
    cancelled = OrderCancelled(id="c", occurred_at=2, order_id="o")
    visitor = step(Customer(id="anonymous:d"), cancelled, Definitions(), 2).customer

    person = merging.merged(known, visitor)

    assert baskets.favourites(person.order_baskets, count=10) == ()


def test_of_a_receipt_that_both_identities_have_the_later_version_counts() -> None:
    by_card = step(Customer(id="17"), receipt("r", {"kettle": 1}), Definitions(), 1).customer
    by_email = step(
        Customer(id="18"), receipt("r", {"teapot": 1}, version=2), Definitions(), 2
    ).customer

    person = merging.merged(by_card, by_email)

    assert baskets.favourites(person.receipt_baskets, count=10) == ("teapot",)
