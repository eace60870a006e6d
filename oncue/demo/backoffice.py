"""Receipts, as the shop's back office knows them: of web orders, and of the shop in the street."""

from decimal import Decimal
from typing import Final

from oncue.demo.assortment import CURRENCY, Assortment, Product
from oncue.demo.chance import Chance
from oncue.demo.people import Visitor
from oncue.demo.tape import Basket, Recorded
from oncue.formats import instants

BOOKED_AFTER_LEAST_S: Final = 60
BOOKED_AFTER_MOST_S: Final = 180
"""After a web order: payment and accounting take one to three minutes."""

_STORES: Final = ("Market Street", "Old Harbour")


def of_order(
    chance: Chance, basket: Basket, *, customer: str, receipt_id: str, at: int
) -> Recorded:
    """The receipt of a web order made at that instant."""
    booked_s = chance.between(BOOKED_AFTER_LEAST_S, BOOKED_AFTER_MOST_S)
    lines = list(basket.items.values())
    return _receipt(lines, customer=customer, receipt_id=receipt_id, at=at + int(booked_s * 1000))


def of_store(
    chance: Chance, assortment: Assortment, *, customer: Visitor, receipt_id: str, at: int
) -> Recorded:
    """A purchase over the counter by somebody with a customer card."""
    count = int(chance.heavy_tailed(least=1, alpha=1.5, most=12))
    lines = [(assortment.wanted(chance), 1) for _ in range(count)]
    assert customer.user_id is not None
    return _receipt(
        lines,
        customer=customer.user_id,
        receipt_id=receipt_id,
        at=at,
        store=chance.one_of(_STORES),
    )


def _receipt(
    lines: list[tuple[Product, int]],
    *,
    customer: str,
    receipt_id: str,
    at: int,
    store: str = "Web",
) -> Recorded:
    total = sum((product.price * quantity for product, quantity in lines), Decimal(0))
    message: dict[str, object] = {
        "id": receipt_id,
        "number": receipt_id,
        "customerId": customer,
        "occurredAt": instants.rfc3339(at),
        "updatedAt": instants.rfc3339(at),
        "status": "paid",
        "storeName": store,
        "currency": CURRENCY,
        "total": total,
        "lines": [
            {
                "productId": product.id,
                "name": product.name,
                "category": product.category,
                "quantity": quantity,
                "price": product.price,
                "total": product.price * quantity,
            }
            for product, quantity in lines
        ],
    }
    return Recorded(at=at, message=message)
