"""Recency, frequency, monetary: which fifth of the customers somebody is in, three times.

Compared with the cut points of the last computation (`engine.definitions.rfm`), but as of now: who
stays away moves down day by day without a word from anybody.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from engine.customer import Customer
from engine.definitions.rfm import Cuts
from engine.metrics import ages


class Scores(NamedTuple):
    """From 1 to 5 each; 5 bought lately, often, for much."""

    recency: int
    frequency: int
    monetary: int

    def __str__(self) -> str:
        """As the API shows it, `5-4-3`: recency, frequency, monetary."""
        return "-".join(map(str, self))


def scores(customer: Customer, cuts: Cuts | None, *, now: int) -> Scores | None:
    """None for who has no receipt, and while too few customers have been compared."""
    receipts = customer.receipts
    days = ages.days_since(receipts.last_at, now)
    if cuts is None or days is None or receipts.count <= 0:
        return None
    return Scores(
        recency=len(cuts.recency_days) + 1 - _above(days, cuts.recency_days),
        frequency=1 + _above(receipts.count, cuts.frequency),
        monetary=1 + _above(receipts.total, cuts.monetary),
    )


def _above(value: Decimal | int, cuts: Sequence[Decimal] | Sequence[int]) -> int:
    return sum(1 for cut in cuts if value > cut)
