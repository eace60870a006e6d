"""The specification's examples as segments: exactly those customers."""

from decimal import Decimal

import msgspec
import pytest

from engine.declarations import SubscriptionsChanged
from engine.events import Event, Identified, Tracked
from engine.intake import decoding
from engine.products import Line
from engine.rules import reading
from engine.transactions import ReceiptIssued
from tests.support.example_rules import EXAMPLES
from tests.support.judging import Asked

DAY = 86_400_000
NOW = 1_764_000_000_000


def known(**traits: object) -> Event:
    return Identified(id="who", occurred_at=NOW - 300 * DAY, traits=traits)


def bought(number: int, *, days_ago: int, product: str = "x") -> Event:
    at = NOW - days_ago * DAY
    line = Line(id=product, price=Decimal(20), quantity=1, category="hats")
    return ReceiptIssued(
        id=f"r{number}",
        occurred_at=at,
        updated_at=at,
        receipt_id=f"r{number}",
        total=Decimal(20),
        lines=(line,),
    )


def answered(score: int, *, days_ago: int = 1, survey: str = "nps") -> Event:
    said = decoding.canonical({"survey_id": survey, "answer": score})
    at = NOW - days_ago * DAY
    return Tracked(id=f"s{at}", occurred_at=at, name="Survey Completed", properties=said)


def says_yes() -> Event:
    return SubscriptionsChanged(
        id="yes", occurred_at=NOW - DAY, subscriptions={"sms": True}, origin="customer"
    )


ADULT = {"birthday": "1980-05-01"}
YOUNG = {"birthday": "2010-05-01"}
ONCE = [bought(1, days_ago=10)]
OFTEN = [bought(n, days_ago=200 - 60 * n) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("row", "inside", "outside"),
    [
        ("M027", [known(email="a@example.com", **ADULT)], [known(**ADULT)]),
        (
            "M036",
            [answered(3, days_ago=9), answered(10, days_ago=2), answered(1, survey="taste")],
            [answered(10, days_ago=9), answered(3, days_ago=2)],
        ),
        ("M047", ONCE, []),
        ("M048", [known(**ADULT)], [known(**YOUNG)]),
        ("M052 one-time buyers", ONCE, OFTEN),
        ("M052 regular buyers", OFTEN, ONCE),
        ("M052 residents of a city", [known(city="Berlin")], [known(city="Bern")]),
        (
            "M052 buyers of a product over an age",
            [known(**ADULT), bought(1, days_ago=3, product="a")],
            [known(**YOUNG), bought(1, days_ago=3, product="a")],
        ),
        (
            "M210",
            [known(**ADULT), *ONCE, says_yes()],
            [known(**ADULT), *ONCE],
        ),
    ],
)
def test_the_example_holds_of_whom_it_is_about(
    row: str, inside: list[Event], outside: list[Event]
) -> None:
    tree = msgspec.to_builtins(reading.from_text(EXAMPLES[row]))

    assert Asked(tree).after(*sorted(inside, key=lambda one: one.occurred_at)).holds(NOW)
    assert not Asked(tree).after(*sorted(outside, key=lambda one: one.occurred_at)).holds(NOW)
