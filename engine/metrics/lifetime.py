"""What a customer has brought so far: docs/decisions tells why this and no forecast."""

from decimal import Decimal

from engine.customer import Customer, Purchases


def values(customer: Customer, now: int) -> dict[str, Decimal]:  # noqa: ARG001 as every part
    """`ltv`: paid by receipts less what was given back; by orders where there are no receipts.

    In the customer's currency; other currencies are told apart by `other_currencies`.
    """
    receipts = customer.receipts
    return {"ltv": customer.orders.total if receipts == Purchases() else receipts.total}
