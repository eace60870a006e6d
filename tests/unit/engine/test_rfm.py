"""The scores of RFM by given cuts, and that time alone moves the first of them down."""

from decimal import Decimal

import pytest

from engine.customer import Customer, Purchases
from engine.definitions.rfm import Cuts
from engine.metrics import rfm

DAY = 24 * 60 * 60 * 1000

CUTS = Cuts(
    recency_days=(3, 10, 30, 90),
    frequency=(1, 1, 2, 5),
    monetary=(Decimal(10), Decimal(20), Decimal("50.50"), Decimal(100)),
    customers=40,
)


def buyer(count: int = 1, total: str = "10") -> Customer:
    """Bought last at the epoch."""
    return Customer(id="c", receipts=Purchases(count=count, total=Decimal(total), last_at=0))


@pytest.mark.parametrize(
    ("days", "recency"), [(0, 5), (3, 5), (4, 4), (10, 4), (30, 3), (31, 2), (90, 2), (91, 1)]
)
def test_who_stays_away_moves_down_without_any_event(days: int, recency: int) -> None:
    scores = rfm.scores(buyer(), CUTS, now=days * DAY)

    assert scores is not None
    assert scores.recency == recency


def test_a_day_is_over_after_24_hours() -> None:
    told = [rfm.scores(buyer(), CUTS, now=now) for now in (4 * DAY - 1, 4 * DAY)]

    assert [scores and scores.recency for scores in told] == [5, 4]


@pytest.mark.parametrize(("count", "frequency"), [(1, 1), (2, 3), (3, 4), (5, 4), (6, 5)])
def test_customers_who_bought_as_often_share_a_part(count: int, frequency: int) -> None:
    scores = rfm.scores(buyer(count), CUTS, now=0)

    assert scores is not None
    assert scores.frequency == frequency


@pytest.mark.parametrize(
    ("total", "monetary"), [("-5", 1), ("10", 1), ("10.01", 2), ("50.50", 3), ("100.01", 5)]
)
def test_money_is_compared_to_the_cent(total: str, monetary: int) -> None:
    scores = rfm.scores(buyer(total=total), CUTS, now=0)

    assert scores is not None
    assert scores.monetary == monetary


def test_it_is_read_as_recency_frequency_monetary() -> None:
    assert str(rfm.scores(buyer(6, "15"), CUTS, now=0)) == "5-5-2"


@pytest.mark.parametrize(
    ("customer", "cuts"), [(Customer(id="c"), CUTS), (buyer(0), CUTS), (buyer(), None)]
)
def test_who_has_no_receipt_or_nobody_to_be_compared_with_has_no_scores(
    customer: Customer, cuts: Cuts | None
) -> None:
    assert rfm.scores(customer, cuts, now=0) is None
