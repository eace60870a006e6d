"""What conditions hold of, and what is refused, each at its node."""

from decimal import Decimal

import msgspec
import pytest

from engine.conditions import checks, evaluation
from engine.conditions.nodes import Node

DOCUMENT = {
    "name": "Product Viewed",
    "properties": {
        "price": Decimal("39.90"),
        "total": "12.50",
        "sku": 17,
        "tags": ["new", "sale", 3],
        "isGift": True,
        "nothing": None,
        "items": [{"category": "shoes", "price": 10}, {"category": "hats", "price": 90}],
    },
}


decoder: msgspec.json.Decoder[Node] = msgspec.json.Decoder(Node)


def node(tree: object) -> Node:
    return decoder.decode(msgspec.json.encode(tree))


def prop(path: str, comparison: str, value: object = None) -> dict[str, object]:
    told = {} if value is None else {"value": value}
    return {"op": "prop", "path": f"properties.{path}", "is": comparison, **told}


PRICED = {"op": "prop", "path": "price", "is": ">=", "value": 10}
DEAR = {"op": "prop", "path": "price", "is": ">", "value": 50}


def holds(tree: object) -> bool:
    return evaluation.compiled(node(tree))(DOCUMENT)


@pytest.mark.parametrize(
    "tree",
    [
        prop("price", "=", 39.9),
        prop("price", ">=", 39.9),
        prop("price", "between", [39.9, 40]),
        prop("total", ">", 12),
        prop("total", "=", 12.5),
        prop("sku", "=", "17"),
        prop("sku", "in", ["16", 17]),
        prop("price", "not_in", [1, 2]),
        prop("price", "!=", 40),
        prop("tags", "has_any", ["old", "sale"]),
        prop("tags", "has_all", ["new", 3]),
        prop("tags", "has_none", ["old"]),
        prop("isGift", "is_true"),
        prop("price", "exists"),
        prop("nothing", "missing"),
        prop("absent.deeper", "missing"),
        {"op": "prop", "path": "name", "is": "starts_with", "value": "Product"},
        {"op": "prop", "path": "name", "is": "ends_with", "value": "Viewed"},
        {"op": "prop", "path": "name", "is": "contains", "value": "uct V"},
        {"op": "prop", "path": "name", "is": "not_contains", "value": "Added"},
        {"op": "all", "of": []},
        {"op": "all", "of": [prop("sku", "exists"), prop("isGift", "is_true")]},
        {"op": "any", "of": [prop("sku", "missing"), prop("isGift", "is_true")]},
        {"op": "all_items", "path": "properties.items", "where": PRICED},
        {"op": "count_items", "path": "properties.items", "where": PRICED, "is": "=", "value": 2},
        {"op": "count_items", "path": "properties.items", "where": DEAR, "is": "=", "value": 1},
        {"op": "sum_items", "path": "properties.items", "field": "price", "is": "=", "value": 100},
        {"op": "none", "of": [prop("sku", "missing"), prop("isGift", "is_false")]},
        {
            "op": "any_item",
            "path": "properties.items",
            "where": {
                "op": "all",
                "of": [
                    {"op": "prop", "path": "category", "is": "=", "value": "hats"},
                    {"op": "prop", "path": "price", "is": ">", "value": 50},
                ],
            },
        },
    ],
)
def test_a_condition_that_holds(tree: dict[str, object]) -> None:
    assert holds(tree)
    assert not holds({"op": "not", "of": tree})


@pytest.mark.parametrize(
    "tree",
    [
        prop("price", "<", 39.9),
        prop("price", "=", value=True),
        prop("isGift", "=", 1),
        {"op": "all_items", "path": "properties.items", "where": DEAR},
        {"op": "all_items", "path": "properties.sku", "where": PRICED},
        {"op": "count_items", "path": "properties.sku", "is": "=", "value": 0},
        prop("price", "between", [40, 50]),
        prop("sku", "contains", "1"),
        prop("tags", "has_all", ["new", "old"]),
        {"op": "any", "of": []},
        {
            "op": "any_item",
            "path": "properties.items",
            "where": {
                "op": "all",
                "of": [
                    {"op": "prop", "path": "category", "is": "=", "value": "shoes"},
                    {"op": "prop", "path": "price", "is": ">", "value": 50},
                ],
            },
        },
    ],
)
def test_a_condition_that_does_not_hold(tree: dict[str, object]) -> None:
    assert not holds(tree)


@pytest.mark.parametrize(
    ("comparison", "value"),
    [
        ("=", 1),
        ("!=", 1),
        ("<", 1),
        ("between", [0, 1]),
        ("in", [1]),
        ("not_in", [1]),
        ("contains", "a"),
        ("not_contains", "a"),
        ("has_none", ["a"]),
        ("is_false", None),
    ],
)
def test_a_comparison_with_what_is_absent_is_false_whatever_it_asks(
    comparison: str, value: object
) -> None:
    assert not holds(prop("absent", comparison, value))
    assert holds({"op": "not", "of": prop("absent", comparison, value)})


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        (prop("price", "<", "cheap"), "filter.value"),
        (prop("price", "exists", 1), "filter.value"),
        (prop("price", "in", 1), "filter.value"),
        (prop("price", "in", []), "filter.value"),
        (prop("price", "between", [1, 2, 3]), "filter.value"),
        (prop("price", "contains", 3), "filter.value"),
        (prop("price", "="), "filter.value"),
        ({"op": "prop", "path": "a..b", "is": "exists"}, "filter.path"),
        ({"op": "any", "of": [prop("a", "exists"), prop("b", "<", "x")]}, "filter.of[1].value"),
        ({"op": "not", "of": prop("b", "<", "x")}, "filter.of.value"),
        (
            {"op": "any_item", "path": "lines", "where": prop("b", "<", "x")},
            "filter.where.value",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_node(tree: object, place: str) -> None:
    assert [flaw.path for flaw in checks.flaws(node(tree), path="filter")] == [place]


def test_a_tree_is_bounded_in_depth_and_in_nodes() -> None:
    deep: dict[str, object] = prop("a", "exists")
    for _ in range(checks.DEPTH_MAX):
        deep = {"op": "not", "of": deep}
    wide = {"op": "all", "of": [prop("a", "exists")] * checks.NODES_MAX}

    for tree in (deep, wide):
        assert [flaw.path for flaw in checks.flaws(node(tree), path="filter")] == ["filter"]
    edge = {"op": "all", "of": [prop("a", "exists")] * (checks.NODES_MAX - 1)}
    assert not checks.flaws(node(edge), path="filter")
