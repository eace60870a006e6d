"""How rules look as text, and what is said of text that is none."""

import pytest

from engine.errors import InvalidDefinitionError
from engine.rules import printing, reading

WRITTEN = """\
n1: all(
  n2: metric("receipts_count") >= 1,
  n3: attr("age") between [18, 30],
  n4: did(
    "Order Completed",
    where=n5: any_item("properties.products", n6: prop("category") in ["Shoes"]),
    window="90d" /* moves by 1h */,
  ) >= 3,
)"""


def test_a_rule_is_written_in_lines_and_says_how_its_windows_move() -> None:
    """d.3 2: the rule's text shows the step."""
    tree = {
        "op": "all",
        "of": [
            {"op": "metric", "name": "receipts_count", "is": ">=", "value": 1},
            {"op": "attr", "path": "age", "is": "between", "value": [18, 30]},
            {
                "op": "did",
                "event": "Order Completed",
                "where": {
                    "op": "any_item",
                    "path": "properties.products",
                    "where": {"op": "prop", "path": "category", "is": "in", "value": ["Shoes"]},
                },
                "is": ">=",
                "value": 3,
                "window": "90d",
            },
        ],
    }

    assert printing.text(reading.decoded(tree)) == WRITTEN


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "text:1:1"),
        ("all(", "text:1:5"),
        ("all(\n  attr('age') = 1)", "text:2:8"),
        ('al(attr("age") = 1)', "text:1:1"),
        ('attr("age" = 1', "text:1:12"),
        ('attr("age") = 1 attr("b") = 2', "text:1:17"),
        ('attr("age", path="b") = 1', "text:1:13"),
        ('attr("age", "b") = 1', "text:1:1"),
        ('"age"', "text:1:1"),
        ("not(" * 50 + ")" * 50, "text:1:165"),
    ],
)
def test_text_that_is_no_rule_is_refused_by_line_and_column(text: str, path: str) -> None:
    with pytest.raises(InvalidDefinitionError) as caught:
        reading.from_text(text)

    assert caught.value.flaws[0].path == path
