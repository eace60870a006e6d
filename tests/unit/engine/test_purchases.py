from decimal import Decimal

import msgspec
import pytest

from engine import carts, purchases
from engine.customer import Customer, OtherCurrency
from engine.definitions.folded import Definitions
from engine.events import (
    CartItemAdded,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
)
from engine.ledger.stores import Visited
from engine.metrics import builtin
from engine.products import Line, Product
from engine.purchases import PurchaseEvent
from engine.step import step
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued

NOBODY = Customer(id="c")


def receipt(number: str, total: int, *, at: int = 100, **changes: object) -> ReceiptIssued:
    issued = ReceiptIssued(
        id=f"e/{number}", occurred_at=at, receipt_id=number, updated_at=1, total=Decimal(total)
    )
    return msgspec.structs.replace(issued, **changes)


def after(*events: ReceiptIssued) -> Customer:
    customer = NOBODY
    for event in events:
        customer = purchases.issue_receipt(customer, event)
    return customer


def test_the_currency_is_that_of_the_earliest_purchase_and_not_of_a_return() -> None:
    given_back = receipt("back", 5, at=50, return_of="r0", currency="EUR")

    sums = after(given_back, receipt("r", 20, currency="USD")).receipts

    assert (sums.currency, sums.total) == ("USD", Decimal(20))
    assert sums.others == (OtherCurrency("EUR", 0, Decimal(-5)),)


def test_an_earlier_purchase_in_another_currency_changes_it_whenever_it_comes() -> None:
    sums = after(
        receipt("r2", 20, at=200, currency="USD"), receipt("r1", 5, at=100, currency="EUR")
    ).receipts

    assert (sums.currency, sums.count, sums.total) == ("EUR", 1, Decimal(5))
    assert sums.others == (OtherCurrency("USD", 1, Decimal(20)),)


def test_a_correction_that_moves_the_last_purchase_back_moves_last_at_back() -> None:
    corrected = receipt("r2", 9, at=150, updated_at=2)

    sums = after(receipt("r1", 10, at=100), receipt("r2", 20, at=200), corrected).receipts

    assert (sums.first_at, sums.last_at, sums.last_amount) == (100, 150, Decimal(9))


def test_a_correction_that_moves_the_first_purchase_on_moves_first_at_on() -> None:
    corrected = receipt("r1", 10, at=300, updated_at=2)

    sums = after(receipt("r1", 10, at=100), receipt("r2", 20, at=200), corrected).receipts

    assert (sums.first_at, sums.last_at, sums.last_amount) == (200, 300, Decimal(10))


def test_a_purchase_corrected_to_a_return_is_neither_first_nor_last() -> None:
    corrected = receipt("r1", -10, at=100, updated_at=2)

    sums = after(receipt("r1", 10, at=100), corrected).receipts

    assert (sums.count, sums.total) == (0, Decimal(-10))
    assert (sums.first_at, sums.last_at, sums.last_amount) == (None, None, None)


def test_a_partial_return_lowers_the_total_and_a_full_one_the_count() -> None:
    bought = receipt("r", 20)
    some = receipt("back-1", 5, return_of="r")
    rest = receipt("back-2", -15, return_of="r")

    partly, fully = after(bought, some).receipts, after(bought, some, rest).receipts

    assert (partly.count, partly.total) == (1, Decimal(15))
    assert (fully.count, fully.total) == (0, Decimal(0))


def test_a_purchase_given_back_is_still_the_last_that_was_made() -> None:
    sums = after(
        receipt("r1", 10, at=100),
        receipt("r2", 20, at=200),
        receipt("back", 20, at=300, return_of="r2"),
    ).receipts

    assert (sums.count, sums.last_at, sums.last_amount) == (1, 200, Decimal(20))


def test_a_cancelled_receipt_was_never_made_and_its_return_gives_nothing_back() -> None:
    cancelled = receipt("r2", 20, at=200, updated_at=2, status="Cancelled")

    sums = after(
        receipt("r1", 10, at=100),
        receipt("r2", 20, at=200),
        receipt("back", 20, at=300, return_of="r2"),
        cancelled,
    ).receipts

    assert (sums.count, sums.total, sums.last_at) == (1, Decimal(10), 100)


def test_a_return_by_pieces_is_full_when_all_of_them_are_back() -> None:
    bought = receipt("r", 20, lines=(Line(id="shoes", quantity=2),))
    back = receipt("back", 18, return_of="r", lines=(Line(id="shoes", quantity=-2),))

    sums = after(bought, back).receipts

    assert (sums.count, sums.total, sums.units_count) == (0, Decimal(2), 0)


def test_a_return_before_its_purchase_is_joined_to_it() -> None:
    sums = after(receipt("back", 20, at=50, return_of="r"), receipt("r", 20)).receipts

    assert (sums.count, sums.total) == (0, Decimal(0))


def test_totals_are_exact_to_the_last_digit() -> None:
    tenths = [msgspec.structs.replace(receipt(n, 0), total=Decimal("0.1")) for n in "abc"]

    sums = after(*tenths).receipts

    assert sums.total == Decimal("0.3")


def test_stores_are_those_of_receipts_that_count_most_first() -> None:
    """M201."""
    customer = after(
        receipt("r1", 10, at=100, store_id="s1", store_name="Old name"),
        receipt("r2", 10, at=200, store_id="s2"),
        receipt("r3", 10, at=300, store_id="s1", store_name="High Street", updated_at=2),
        receipt("r4", 10, at=400, store_id="s2", status="cancelled"),
    )

    assert purchases.stores(customer) == [
        Visited(id="s1", name="High Street", receipts_count=2, last_at=300),
        Visited(id="s2", name=None, receipts_count=1, last_at=200),
    ]


def with_shoes(*, at: int) -> Customer:
    return carts.add(NOBODY, CartItemAdded(id="a", occurred_at=at, product=Product(id="shoes")))


def test_a_receipt_older_than_the_cart_takes_nothing_out_of_it() -> None:
    old = receipt("r", 10, at=50, lines=(Line(id="shoes"),))

    assert purchases.issue_receipt(with_shoes(at=100), old).containers["cart"].items


def test_a_receipt_takes_what_it_sold_out_of_the_cart() -> None:
    sold = receipt("r", 10, at=150, lines=(Line(id="shoes"),))

    assert purchases.issue_receipt(with_shoes(at=100), sold).containers == {}


def test_a_return_takes_nothing_out_of_the_cart() -> None:
    given_back = receipt("r", 10, at=150, return_of="r0", lines=(Line(id="shoes"),))

    assert purchases.issue_receipt(with_shoes(at=100), given_back).containers["cart"].items


def test_lines_that_only_give_back_are_a_return() -> None:
    given_back = receipt("r2", 4, lines=(Line(id="shoes", quantity=-1),))

    sums = after(receipt("r1", 10), given_back).receipts

    assert (sums.count, sums.total) == (1, Decimal(6))


@pytest.mark.parametrize(
    ("pieces", "count"), [((-1, 0), 1), ((0,), 2), ((1, -1, 0), 2), ((0, 2), 2), ((), 2)]
)
def test_a_coupon_makes_neither_a_return_nor_a_purchase(
    pieces: tuple[int, ...], count: int
) -> None:
    """A line of no pieces leaves what the others say."""
    lines = tuple(Line(id=f"p{place}", quantity=some) for place, some in enumerate(pieces))

    sums = after(receipt("r1", 10), receipt("r2", 4, lines=lines)).receipts

    assert sums.count == count


def test_an_order_sent_again_counts_once() -> None:
    order = OrderCompleted(id="e", occurred_at=1, order_id="o", total=Decimal(3))
    again = msgspec.structs.replace(order, id="f", occurred_at=2)

    customer = purchases.complete_order(purchases.complete_order(NOBODY, order), again)

    assert (customer.orders.count, customer.orders.total) == (1, Decimal(3))


def placed(total: int, **changes: object) -> OrderPlaced:
    order = OrderPlaced(id="p", occurred_at=100, order_id="o", updated_at=100, total=Decimal(total))
    return msgspec.structs.replace(order, **changes)


def seen(total: int, at: int = 100) -> OrderCompleted:
    return OrderCompleted(id=f"t/{at}", occurred_at=at, order_id="o", total=Decimal(total))


def ordered(*events: PurchaseEvent) -> tuple[int, Decimal]:
    customer = NOBODY
    for event in events:
        customer = purchases.apply(customer, event)
    return customer.orders.count, customer.orders.total


def test_an_order_of_tracker_and_back_office_counts_once_by_the_back_offices_word() -> None:
    assert ordered(seen(10), placed(12)) == (1, Decimal(12))
    assert ordered(placed(12), seen(10, at=900)) == (1, Decimal(12))


def test_an_order_updated_by_the_tracker_has_its_new_total_and_its_first_date() -> None:
    updated = OrderUpdated(id="u", occurred_at=200, order_id="o", total=Decimal(15))

    customer = purchases.apply(purchases.apply(NOBODY, seen(10, at=100)), updated)

    assert (customer.orders.total, customer.orders.last_at) == (Decimal(15), 100)


def test_a_refund_seen_by_the_tracker_gives_back_a_part_or_the_whole() -> None:
    part = OrderRefunded(id="f", occurred_at=200, order_id="o", total=Decimal(4))
    whole = OrderRefunded(id="g", occurred_at=300, order_id="o")

    assert ordered(seen(10), part, part) == (1, Decimal(6))
    assert ordered(whole, seen(10), part) == (0, Decimal(0))


def test_a_refund_that_the_back_office_books_too_counts_once() -> None:
    told = OrderRefunded(id="f", occurred_at=200, order_id="o", total=Decimal(4))
    booked = placed(4, order_id="back", return_of="o")

    assert ordered(placed(10), told, booked) == (1, Decimal(6))


def test_an_order_is_cancelled_and_comes_back_by_source_time() -> None:
    """X20: the latest status by its own time stands, whenever it arrives."""
    cancelled = OrderCancelled(id="c", occurred_at=200, order_id="o")
    revived = OrderStatusChanged(id="s", occurred_at=300, order_id="o", status="new")
    corrected = placed(12, updated_at=400)

    assert ordered(placed(10, status="new"), cancelled, corrected) == (0, Decimal(0))
    assert ordered(revived, cancelled, placed(10, status="new")) == (1, Decimal(10))


def test_payment_and_delivery_of_an_order_change_no_sum() -> None:
    delivered = OrderStatusChanged(
        id="s", occurred_at=300, order_id="o", payment_status="refunded", delivery_status="void"
    )

    assert ordered(placed(10), delivered) == (1, Decimal(10))


def test_a_status_of_an_order_that_nobody_placed_counts_nothing() -> None:
    changed = OrderStatusChanged(id="s", occurred_at=300, order_id="o", status="new")

    assert ordered(changed) == (0, Decimal(0))


def test_an_order_and_the_receipt_it_came_to_are_two_objects() -> None:
    """M181: what is said of one changes nothing of the other."""
    customer = purchases.apply(NOBODY, placed(10))
    customer = purchases.apply(customer, receipt("r", 12))
    cancelled = OrderStatusChanged(id="s", occurred_at=300, order_id="o", status="cancelled")

    after_all = purchases.apply(customer, cancelled)

    assert (customer.orders.total, customer.receipts.total) == (Decimal(10), Decimal(12))
    assert (after_all.orders.count, after_all.receipts) == (0, customer.receipts)


def test_the_lifetime_value_is_what_was_paid_and_not_given_back() -> None:
    """M217: by receipts; by orders for whoever has none."""
    returned = receipt("back", 5, at=200, return_of="r")
    bought = after(receipt("r", 12), receipt("r2", 30), returned)
    by_orders = purchases.apply(NOBODY, placed(10))

    assert builtin.values(bought, now=0)["ltv"] == Decimal(37)
    assert builtin.values(by_orders, now=0)["ltv"] == Decimal(10)
    both = purchases.apply(by_orders, receipt("r", 12))
    assert builtin.values(both, now=0)["ltv"] == Decimal(12)


def test_a_customers_source_is_where_they_were_first_heard_of() -> None:
    """M219."""
    first = step(NOBODY, receipt("r", 10, source="till-3"), Definitions(), 0).customer

    later = step(first, receipt("s", 10, source="web"), Definitions(), 0).customer

    assert (first.source, later.source) == ("till-3", "till-3")


@pytest.mark.parametrize(
    ("cart_id", "bought", "left"),
    [
        ("b1", ["shoes"], []),
        ("b1", [], []),
        (None, ["shoes"], []),
        (None, ["hat"], []),
        (None, [], []),
        ("b2", ["shoes"], ["socks"]),
        ("b2", [], ["shoes", "socks"]),
    ],
)
def test_an_order_empties_the_cart_unless_it_names_another(
    cart_id: str | None, bought: list[str], left: list[str]
) -> None:
    """e.3; one that names no cart is taken for the customer's: most trackers name none."""
    known = NOBODY
    for product in ("shoes", "socks"):
        added = CartItemAdded(id=product, occurred_at=1, cart_id="b1", product=Product(id=product))
        known = carts.add(known, added)
    order = OrderCompleted(
        id="o",
        occurred_at=2,
        order_id="o",
        cart_id=cart_id,
        products=tuple(Product(id=product) for product in bought),
    )

    after_it = purchases.complete_order(known, order)

    items = carts.container(after_it, "cart").items
    assert [item.product.id for item in items] == left
