"""Rules about campaigns entered, leading interests, and texts whatever their letters."""

from typing import Any

import pytest

from engine.customer import Customer
from engine.events import CategoryViewed
from engine.instances import Instance
from engine.rules import checks, reading
from tests.support import rule_words
from tests.support.judging import INTEREST_DAYS, Asked

DAY = 24 * 3_600_000
NOON = 1_764_590_400_000
"""2025-12-01T12:00:00Z"""


def entered(campaign: str = "welcome", *, at: int = NOON, **run: Any) -> Customer:  # noqa: ANN401 fields
    inside = Instance(
        id="r", campaign=campaign, version=1, trigger="t", step="s", entered_at=at, arrived_at=at,
        caused_at=at, **run,
    )  # fmt: skip
    return Customer(id="c", entered={campaign: at}, runs=(inside,))


def in_campaign(customer: Customer, **fields: object) -> Asked:
    return Asked({"op": "in_campaign", "campaign": "welcome", **fields}, customer=customer)


def test_who_entered_lately_is_in_until_the_window_has_passed() -> None:
    """Klaviyo's "has not been in this flow in the last N days", and when that turns by itself."""
    asked = in_campaign(entered(), window="7d")
    end = NOON + 7 * DAY

    assert asked.holds(NOON)
    assert asked.flips(NOON) == end
    assert (asked.holds(end - 1), asked.holds(end)) == (True, False)


@pytest.mark.parametrize(
    ("customer", "holds"),
    [
        (entered(), (True, True)),
        (entered(admits=("welcome",)), (True, False)),
        (Customer(id="c", entered={"welcome": NOON}), (True, False)),
        (Customer(id="c", entered={"welcome\nfor a value": NOON}), (False, False)),
        (entered("other"), (False, False)),
    ],
)
def test_who_is_inside_is_on_a_run_and_who_entered_was(
    customer: Customer, holds: tuple[bool, bool]
) -> None:
    """A run that waits for a place has not begun."""
    said = in_campaign(customer).holds(NOON), in_campaign(customer, state="inside").holds(NOON)

    assert said == holds


def test_the_strongest_interests_lead_until_they_end() -> None:
    tree = {"op": "top_interest", "category": "hats", "count": 1}
    views = [CategoryViewed(id=f"s{n}", occurred_at=NOON, category="shoes") for n in range(2)]
    hats = CategoryViewed(id="h", occurred_at=NOON + DAY, category="hats")
    asked = Asked(tree).after(*views, hats)
    ended = NOON + INTEREST_DAYS * DAY

    assert not asked.holds(NOON + DAY)
    assert asked.flips(NOON + DAY) == ended
    assert asked.holds(ended)
    assert Asked({**tree, "count": 2}).after(*views, hats).holds(NOON + DAY)


@pytest.mark.parametrize(
    ("comparison", "value", "holds"),
    [
        ("=", "БЕРЛИН", True),
        ("!=", "берлин", False),
        ("in", ["x", "берлиН"], True),
        ("contains", "ЕРЛ", True),
        ("starts_with", "берл", True),
        ("ends_with", "иН", True),
        ("not_contains", "рЛ", False),
    ],
)
def test_letters_are_alike_where_the_rule_says_so(
    comparison: str, value: object, *, holds: bool
) -> None:
    tree = {"op": "attr", "path": "city", "is": comparison, "value": value}
    known = Customer(id="c", attributes={"city": "Берлин"})

    assert Asked({**tree, "fold_case": True}, customer=known).holds(NOON) is holds


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"op": "in_campaign", "campaign": ""}, "campaign"),
        ({"op": "in_campaign", "campaign": "a\nb"}, "campaign"),
        ({"op": "in_campaign", "campaign": "a", "window": "400d"}, "window"),
        ({"op": "in_campaign", "campaign": "a", "state": "inside", "window": "7d"}, "window"),
        ({"op": "top_interest", "category": "shoes", "count": 11}, "count"),
        ({"op": "top_interest", "category": "", "count": 1}, "category"),
        ({"op": "attr", "path": "level", "is": ">=", "value": 1, "fold_case": True}, "fold_case"),
        ({"op": "attr", "path": "note", "is": "exists", "fold_case": True}, "fold_case"),
    ],
)
def test_what_means_nothing_is_refused_at_its_node(tree: dict[str, object], place: str) -> None:
    [flaw] = checks.flaws(reading.decoded(tree), rule_words.DECLARED)

    assert (flaw.path, flaw.node) == (place, "n1")
