"""What a customer bought, net of what went back; the sums stand in the row (`engine.purchases`)."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from engine.customer import Customer, Purchases
from engine.metrics import ages

CENT: Final = Decimal("0.01")


def values(
    customer: Customer, now: int
) -> dict[str, int | Decimal | str | Mapping[str, object] | None]:
    """The metrics of receipts and of orders, and the currency both are told in."""
    receipts, orders = customer.receipts, customer.orders
    return {
        "receipts_first_at": receipts.first_at,
        "receipts_last_at": receipts.last_at,
        "days_since_first_receipt": ages.days_since(receipts.first_at, now),
        "days_since_last_receipt": ages.days_since(receipts.last_at, now),
        "receipts_last_amount": receipts.last_amount,
        "receipts_count": receipts.count,
        "receipts_total": receipts.total,
        "receipts_average": average(receipts.total, receipts.count),
        "receipts_average_products": average(receipts.units_count, receipts.with_units_count),
        "receipts_average_price": average(receipts.prices_total, receipts.priced_count),
        "orders_count": orders.count,
        "orders_total": orders.total,
        "orders_average": average(orders.total, orders.count),
        "orders_average_products": average(orders.units_count, orders.with_units_count),
        "currency": receipts.currency or orders.currency,
        "other_currencies": other_currencies(receipts, orders),
    }


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
