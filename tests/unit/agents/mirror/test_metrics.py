"""The columns of ClickHouse hold what the API tells, of every metric that does not age."""

from decimal import Decimal

from agents.mirror import metrics
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.metrics import builtin
from engine.products import Line
from engine.step import step
from engine.transactions import ReceiptIssued

MONDAY = 1_764_547_200_000


def test_every_metric_has_the_value_of_the_api() -> None:
    customer = Customer(id="c", attributes={"createdAt": "2025-12-01T00:00:00Z"})
    for number in range(3):
        bought = ReceiptIssued(
            id=f"e{number}",
            occurred_at=MONDAY + number,
            receipt_id=f"r{number}",
            updated_at=MONDAY,
            total=Decimal("10.10") * (number + 1),
            lines=(Line(id=f"p{number}", quantity=number + 1),),
        )
        customer = step(customer, bought, Definitions(), MONDAY + number).customer

    columns = metrics.columns(customer)

    told = builtin.values(customer, now=MONDAY)
    shared = {name: value for name, value in columns.items() if name in told}
    assert shared == {
        **{name: told[name] for name in shared},
        "favourite_products": ["p2", "p1", "p0"],
    }
    assert columns["ltv"] == Decimal("60.60")
    assert columns["registered_at"] == MONDAY
    aging = {name for name in told if name.startswith("days_since")} | {"points_balance"}
    elsewhere = {"receipts_count", "receipts_total", "orders_count", "orders_total", "currency"}
    assert told.keys() - shared.keys() == aging | elsewhere | {"other_currencies"}
