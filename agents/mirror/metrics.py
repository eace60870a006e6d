"""The built-in metrics of a customer as columns of ClickHouse."""

from decimal import Decimal
from typing import TypedDict

import msgspec

from clickhouse.tables import within_bounds
from engine.customer import Customer
from engine.metrics import builtin


class Columns(TypedDict):
    """Those of `CustomerRow` that are metrics and do not change by themselves."""

    receipts_first_at: int | None
    receipts_last_at: int | None
    receipts_last_amount: Decimal | None
    receipts_average: Decimal | None
    receipts_average_products: Decimal | None
    receipts_average_price: Decimal | None
    orders_average: Decimal | None
    orders_average_products: Decimal | None
    ltv: Decimal | None
    favourite_products: list[str]
    registered_at: int | None


def columns(customer: Customer) -> Columns:
    """As of the row; what counts days is derived by the view."""
    values = builtin.values(customer, now=0)
    known: dict[str, object] = {
        name: values[name] for name in Columns.__annotations__ if name in values
    }
    for name in ("receipts_first_at", "receipts_last_at"):
        known[name] = _within(msgspec.convert(known[name], int | None))
    known["registered_at"] = _within(customer.registered_at)
    return msgspec.convert(known, Columns)


def _within(at: int | None) -> int | None:
    return None if at is None else within_bounds(at)
