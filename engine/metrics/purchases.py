"""What a customer bought, net of what went back; the sums stand in the row (`engine.purchases`)."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeAlias

from engine.customer import Customer, Purchases
from engine.metrics import ages

CENT: Final = Decimal("0.01")

Value: TypeAlias = int | Decimal | str | Mapping[str, object] | None


def values(customer: Customer, now: int) -> dict[str, Value]:
    """The metrics of receipts and of orders, and the currency both are told in."""
    return {name: read(customer, now) for name, read in READERS.items()}


def average(total: Decimal | int, count: int) -> Decimal | None:
    """Total by count, to the hundredth; nothing counted has no average."""
    if count <= 0:
        return None
    return (Decimal(total) / count).quantize(CENT, rounding=ROUND_HALF_UP)


def other_currencies(receipts: Purchases, orders: Purchases) -> dict[str, dict[str, object]]:
    """Count and total of each currency that the sums leave out."""
    found: dict[str, dict[str, object]] = {}
    for kind, sums in (("receipts", receipts), ("orders", orders)):
        for other in sums.others:
            told = found.setdefault(other.currency, {})
            told[f"{kind}_count"] = other.count
            told[f"{kind}_total"] = other.total
    return dict(sorted(found.items()))


READERS: Final[Mapping[str, Callable[[Customer, int], Value]]] = {
    "receipts_first_at": lambda customer, _: customer.receipts.first_at,
    "receipts_last_at": lambda customer, _: customer.receipts.last_at,
    "days_since_first_receipt": lambda customer, now: ages.days_since(
        customer.receipts.first_at, now
    ),
    "days_since_last_receipt": lambda customer, now: ages.days_since(
        customer.receipts.last_at, now
    ),
    "receipts_last_amount": lambda customer, _: customer.receipts.last_amount,
    "receipts_count": lambda customer, _: customer.receipts.count,
    "receipts_total": lambda customer, _: customer.receipts.total,
    "receipts_average": lambda customer, _: average(
        customer.receipts.total, customer.receipts.count
    ),
    "receipts_average_products": lambda customer, _: average(
        customer.receipts.units_count, customer.receipts.with_units_count
    ),
    "receipts_average_price": lambda customer, _: average(
        customer.receipts.prices_total, customer.receipts.priced_count
    ),
    "orders_count": lambda customer, _: customer.orders.count,
    "orders_total": lambda customer, _: customer.orders.total,
    "orders_average": lambda customer, _: average(customer.orders.total, customer.orders.count),
    "orders_average_products": lambda customer, _: average(
        customer.orders.units_count, customer.orders.with_units_count
    ),
    "currency": lambda customer, _: customer.receipts.currency or customer.orders.currency,
    "other_currencies": lambda customer, _: other_currencies(customer.receipts, customer.orders),
}
"""Each on its own: a rule asks for one, and must not pay for the others."""
