from decimal import Decimal

import msgspec

from engine import carts, purchases
from engine.customer import Customer
from engine.events import CartItemAdded, OrderCompleted, ReceiptIssued
from engine.products import Product

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


def test_a_return_names_the_currency_of_the_sums_as_a_purchase_does() -> None:
    given_back = receipt("back", 5, return_of="r", currency="EUR")
    corrected = msgspec.structs.replace(given_back, updated_at=2, total=Decimal(7))

    sums = after(given_back, receipt("r", 20, currency="USD"), corrected).receipts

    assert (sums.currency, sums.total, sums.other_currencies_count) == ("EUR", Decimal(-7), 1)


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


def test_a_correction_keeps_what_receipts_no_longer_remembered_left_behind() -> None:
    many = [receipt(str(number), 1, at=number) for number in range(60)]
    corrected = receipt("59", 3, at=58, updated_at=2)

    sums = after(*many, corrected).receipts

    assert (sums.count, sums.total, sums.first_at, sums.last_at) == (60, Decimal(62), 0, 58)


def with_shoes(*, at: int) -> Customer:
    return carts.add(NOBODY, CartItemAdded(id="a", occurred_at=at, product=Product(id="shoes")))


def test_a_receipt_older_than_the_cart_takes_nothing_out_of_it() -> None:
    old = receipt("r", 10, at=50, lines=(Product(id="shoes"),))

    assert purchases.issue_receipt(with_shoes(at=100), old).containers["cart"].items


def test_a_receipt_takes_what_it_sold_out_of_the_cart() -> None:
    sold = receipt("r", 10, at=150, lines=(Product(id="shoes"),))

    assert purchases.issue_receipt(with_shoes(at=100), sold).containers == {}


def test_a_return_takes_nothing_out_of_the_cart() -> None:
    given_back = receipt("r", 10, at=150, return_of="r0", lines=(Product(id="shoes"),))

    assert purchases.issue_receipt(with_shoes(at=100), given_back).containers["cart"].items


def test_lines_that_only_give_back_are_a_return() -> None:
    given_back = receipt("r2", 4, lines=(Product(id="shoes", quantity=-1),))

    sums = after(receipt("r1", 10), given_back).receipts

    assert (sums.count, sums.total) == (1, Decimal(6))


def test_an_order_sent_again_counts_once() -> None:
    order = OrderCompleted(id="e", occurred_at=1, order_id="o", total=Decimal(3))
    again = msgspec.structs.replace(order, id="f", occurred_at=2)

    customer = purchases.complete_order(purchases.complete_order(NOBODY, order), again)

    assert (customer.orders.count, customer.orders.total) == (1, Decimal(3))
