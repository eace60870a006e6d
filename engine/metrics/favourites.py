"""The products a customer buys most."""

from typing import Final

from engine import baskets
from engine.customer import Customer

SHOWN: Final = 10


def values(customer: Customer, now: int) -> dict[str, tuple[str, ...]]:  # noqa: ARG001 as every part
    """`favourite_products`: ids, by receipts, or by orders where there are no receipts."""
    bought = customer.receipt_baskets if customer.receipt_ledger else customer.order_baskets
    return {"favourite_products": baskets.favourites(bought, count=SHOWN)}
