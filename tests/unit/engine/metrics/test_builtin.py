"""The built-in metrics at reading."""

from decimal import Decimal

import pytest

from engine.customer import Customer, OtherCurrency, Purchases
from engine.metrics import builtin, purchases

DAY = 86_400_000


@pytest.mark.parametrize(
    ("total", "count", "average"),
    [("10.00", 3, "3.33"), ("10.00", 0, None), ("0", 0, None), ("-5.00", 2, "-2.50")],
)
def test_an_average_is_total_by_count(total: str, count: int, average: str | None) -> None:
    found = purchases.average(Decimal(total), count)

    assert (None if found is None else str(found)) == average


def test_who_bought_nothing_has_every_metric_and_no_dates() -> None:
    metrics = builtin.values(Customer(id="c"), now=0)

    assert (metrics["receipts_count"], metrics["receipts_total"]) == (0, Decimal(0))
    assert metrics["receipts_last_at"] is metrics["days_since_last_receipt"] is None
    assert metrics["receipts_average_price"] is metrics["currency"] is None


def test_one_metric_is_what_it_is_among_all_of_them() -> None:
    bought = Purchases(count=2, first_at=0, last_at=2 * DAY, total=Decimal("30.00"), currency="EUR")
    customer = Customer(id="c", receipts=bought, attributes={"createdAt": "2026-01-01"})

    every = builtin.values(customer, now=3 * DAY)

    assert {name: builtin.value(customer, name, now=3 * DAY) for name in every} == every
    assert builtin.value(customer, "nobody_counts_it", now=0) is None


def test_days_since_a_receipt_grow_with_time_alone() -> None:
    """M139, M140: whole days, counted at the moment somebody asks."""
    customer = Customer(id="c", receipts=Purchases(count=2, first_at=0, last_at=2 * DAY))

    days = [builtin.values(customer, now=now) for now in (3 * DAY - 1, 3 * DAY)]

    assert [day["days_since_last_receipt"] for day in days] == [0, 1]
    assert [day["days_since_first_receipt"] for day in days] == [2, 3]


def test_the_average_price_is_the_mean_over_receipts_of_total_by_units() -> None:
    """M215: receipts of 10 for one piece and 10 for four: (10 + 2.5) / 2, and not 20 / 5."""
    sums = Purchases(count=2, prices_total=Decimal("12.5"), priced_count=2)

    metrics = builtin.values(Customer(id="c", receipts=sums), now=0)

    assert metrics["receipts_average_price"] == Decimal("6.25")


def test_other_currencies_are_counted_and_summed_apart() -> None:
    sums = Purchases(count=1, currency="EUR", others=(OtherCurrency("USD", 2, Decimal(7)),))

    metrics = builtin.values(Customer(id="c", receipts=sums), now=0)

    assert metrics["other_currencies"] == {"USD": {"receipts_count": 2, "receipts_total": 7}}


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("1970-01-03T00:00:00Z", 2 * DAY),
        ("1970-01-03", 2 * DAY),
        ("1970-01-03T02:00:00+02:00", 2 * DAY),
        (172_800, 2 * DAY),
        (1_700_000_000_000, 1_700_000_000_000),
        ("yesterday", None),
        (True, None),
        (None, None),
    ],
)
def test_registration_is_what_the_trait_created_at_says(said: object, at: int | None) -> None:
    """M151."""
    customer = Customer(id="c", attributes={"createdAt": said})

    assert customer.registered_at == at
