"""Published purchases through intake and engine, shuffled and sent twice, to the cent.

The same files go through a whole installation in `tests/acceptance/test_datasets.py`.
"""

import random
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest

from engine import rows
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.intake import receipts
from engine.intake.arrivals import Arrival, Origin
from engine.metrics import purchases as metrics
from tests.acceptance import datasets

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not datasets.DATA.is_dir(), reason="no data folder beside the checkout"),
]

NOON: Final = 1_795_348_800_000
ORIGIN: Final = Origin(source="back-office", received_at=NOON, seed="seed")
DEFINITIONS: Final = Definitions()


def customers_of(bodies: Iterable[datasets.Body]) -> dict[str, Customer]:
    """Every receipt comes twice, in no order."""
    chance = random.Random(1)  # noqa: S311 reproducible
    sent = [*(given := list(bodies)), *given]
    chance.shuffle(sent)
    found: dict[str, rows.Row] = {}
    for place, body in enumerate(sent):
        arrival: Arrival = receipts.arrive(dict(body), origin=ORIGIN)
        row = found.setdefault(arrival.key, rows.blank(arrival.key))
        rows.advance(row, rows.Arrival(event=arrival.event, logged_at=NOON + place), DEFINITIONS)
    return {row.customer.id: row.customer for row in found.values()}


def expected(name: str) -> dict[str, Any]:
    answers = msgspec.json.decode((datasets.DATA / "expected.json").read_bytes())
    return dict(answers[name])


def sampled(customer: Customer) -> dict[str, object]:
    told = metrics.values(customer, NOON)
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in told.items()
    }


def check_sample(found: dict[str, Customer], prefix: str, sample: dict[str, Any]) -> None:
    names = ("receipts_count", "receipts_total", "receipts_average", "receipts_last_amount")
    for name, answer in sample.items():
        shown = sampled(found[f"{prefix}-{name}"])
        wanted = {key: answer[key] for key in names if key in answer}
        assert {key: _money(shown[key]) for key in wanted} == {
            key: _money(value) for key, value in wanted.items()
        }, name


def _money(value: object) -> object:
    return Decimal(value) if isinstance(value, str) else value


def test_a_shops_two_weeks_with_returns_come_to_the_published_sums() -> None:
    """UCI Online Retail: 573 receipts, 137 returns, net 242986.70."""
    answer = expected("uci")

    found = customers_of(datasets.uci())

    assert len(found) == answer["customers"]
    assert sum(one.receipts.count for one in found.values()) == answer["receipts"]
    assert sum(one.receipts.total for one in found.values()) == Decimal(answer["net_total"])
    check_sample(found, "uci", answer["customers_sample"])


def test_eighteen_months_of_purchases_come_to_the_published_sums() -> None:
    """CDNOW: 11,748 customers, 34,830 receipts."""
    answer = expected("cdnow")

    found = customers_of(datasets.cdnow())

    assert len(found) == answer["customers"]
    assert sum(one.receipts.count for one in found.values()) == answer["purchases"]
    assert sum(one.receipts.total for one in found.values()) == Decimal(answer["total"])
    once = [one for one in found.values() if one.receipts.count == 1]
    assert len(once) == answer["one_time_buyers"]
    check_sample(found, "cdnow", answer["customers_sample"])
