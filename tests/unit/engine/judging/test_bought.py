"""Rules about receipts: by product, category and brand, net of what was given back or not."""

from decimal import Decimal
from typing import Any

import pytest

from engine.products import Line
from engine.transactions import ReceiptIssued
from tests.support.judging import Asked

HOUR = 3_600_000
NOON = 1_764_590_400_000
"""2025-12-01T12:00:00Z"""


def receipt(at: int = NOON, **changes: object) -> ReceiptIssued:
    fields: dict[str, Any] = {
        "id": f"r{at}",
        "occurred_at": at,
        "updated_at": at,
        "receipt_id": "r",
        "total": Decimal(50),
        **changes,
    }
    return ReceiptIssued(**fields)


def back(total: int) -> ReceiptIssued:
    return receipt(NOON + HOUR, receipt_id="b", return_of="r", total=Decimal(total), id="back")


BRANDS = {"op": "bought", "brands": ["Nordwind", "Ebb"]}


@pytest.mark.parametrize(("brand", "holds"), [("Ebb", True), ("Other", False), (None, False)])
def test_a_brand_is_what_the_line_says(brand: str | None, *, holds: bool) -> None:
    """d.1: bought(products|categories|brands)."""
    bought = receipt(lines=(Line(id="shoes", brand=brand),))

    assert Asked(BRANDS).after(bought).holds(NOON) is holds


def test_products_categories_and_brands_are_choices_of_one_line() -> None:
    tree = {**BRANDS, "products": ["hat"], "categories": ["coats"]}
    lines = [Line(id="hat"), Line(id="x", category="coats"), Line(id="x", brand="Ebb")]

    assert all(Asked(tree).after(receipt(lines=(line,))).holds(NOON) for line in lines)
    assert not Asked(tree).after(receipt(lines=(Line(id="x"),))).holds(NOON)


def comes_to(tree: dict[str, Any], aggregate: str, events: list[ReceiptIssued]) -> str:
    asked = Asked({**tree, "id": "n", "aggregate": aggregate}).after(*events)
    return str(asked.explained(NOON + 2 * HOUR)["n"])


@pytest.mark.parametrize(
    ("events", "net", "gross"),
    [
        ([receipt()], ("1", "50"), ("1", "50")),
        ([receipt(), back(-20)], ("1", "30"), ("1", "50")),
        ([receipt(), back(-50)], ("0", "0"), ("1", "50")),
        ([receipt(), receipt(NOON + 1, status="returned")], ("0", "0"), ("1", "50")),
        ([receipt(), receipt(NOON + 1, status="cancelled")], ("0", "0"), ("0", "0")),
        ([receipt(), receipt(NOON + 1, total=Decimal(70))], ("1", "70"), ("1", "70")),
    ],
)
def test_what_was_given_back_leaves_only_where_the_rule_is_net(
    events: list[ReceiptIssued], net: tuple[str, str], gross: tuple[str, str]
) -> None:
    """d.3 4: a cancelled purchase was never made, one given back was."""
    for is_net, expected in ((True, net), (False, gross)):
        tree = {"op": "bought", "net": is_net}
        assert tuple(comes_to(tree, aggregate, events) for aggregate in ("count", "sum")) == (
            expected
        )
