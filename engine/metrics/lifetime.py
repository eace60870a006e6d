"""What a customer has brought so far: docs/decisions tells why this and no forecast."""

from decimal import Decimal

from engine.customer import Customer, Purchases


def values(customer: Customer, now: int) -> dict[str, Decimal]:  # noqa: ARG001 as every part
    """`ltv`: paid by receipts less what was given back; by orders where there are no receipts.

    In the customer's currency; other currencies are told apart by `other_currencies`.
    """
    has_receipts = bool(customer.receipt_ledger) or customer.receipts != Purchases()
    return {"ltv": (customer.receipts if has_receipts else customer.orders).total}
