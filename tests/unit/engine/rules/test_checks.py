"""What is refused, at which node, and what the sentence says to do."""

from typing import Any

import pytest

from engine.errors import Flaw, InvalidDefinitionError
from engine.rules import checks, limits, reading, walking
from engine.rules.declared import Declared, Field

Tree = dict[str, Any]

MEMBER: Tree = {"op": "attr", "path": "is_member", "is": "is_true"}

DECLARED = Declared(
    attributes={
        "is_member": Field(kind="boolean"),
        "level": Field(kind="number"),
        "size": Field(kind="choice", choices=("S", "M")),
        "renewed": Field(kind="date"),
    },
    metrics={"visits": Field(kind="number")},
)


def flaws(tree: Tree, declared: Declared = DECLARED) -> list[Flaw]:
    return checks.flaws(reading.decoded(tree), declared)


def refused(tree: object) -> Flaw:
    with pytest.raises(InvalidDefinitionError) as caught:
        reading.decoded(tree)
    return caught.value.flaws[0]


def did(**fields: object) -> Tree:
    return {"op": "did", "event": "Order Completed", **fields}


def attr(path: str, comparison: str, value: object = None, **fields: object) -> Tree:
    told = {} if value is None else {"value": value}
    return {"op": "attr", "path": path, "is": comparison, **told, **fields}


@pytest.mark.parametrize(
    ("tree", "path", "words"),
    [
        (attr("levl", ">", 1), "path", "did you mean 'level'?"),
        (attr("zzz", ">", 1), "path", "declare it in /api/settings"),
        (attr("level", "contains", "a"), "is", "cannot be asked of a number"),
        (attr("level", ">", "x"), "value", "takes a number"),
        (attr("level", "=", "3"), "value", "without quotes"),
        (attr("city", "=", 3), "value", "write the value as"),
        (attr("size", "=", "XXL"), "value", "one of 'S', 'M'"),
        (attr("is_member", "=", "yes"), "value", "true or false"),
        (attr("renewed", "in_last", "7 days"), "value", "12h"),
        (attr("renewed", "in_last", "121y"), "value", "120 years"),
        (attr("renewed", "before", "2026-02-30"), "value", "2026-01-31"),
        (attr("renewed", "on", "2026-02-03T00:00:00Z"), "value", "2026-01-31"),
        (attr("renewed", "day_of_week", [0]), "value", "Sunday"),
        (attr("renewed", "anniversary_in", [3, 1]), "value", "-180 to 180"),
        (attr("level", "=", 1, tz="UTC"), "tz", "leave it out"),
        (attr("city", "matches", "("), "value", "missing )"),
        (attr("level", "matches", "1"), "is", "cannot be asked of a number"),
        (attr("city", "matches", "a", fold_case=True), "fold_case", "(?i)"),
        (attr("level", "changed_within", 7), "value", '"7d"'),
        (attr("level", "changed_within", "7d", fold_case=True), "fold_case", "leave it out"),
        (attr("city", "changed_within", "7d"), "is", "what we derive"),
        (attr("address.city", "changed_within", "7d"), "is", "of parts"),
        (
            {"op": "metric", "name": "visits", "is": "changed_within", "value": "7d"},
            "is",
            "not of metrics",
        ),
        (
            {"op": "last", "event": "a", "is": "changed_within", "value": "7d"},
            "is",
            "cannot be asked of a date",
        ),
        (did(where={"op": "prop", "path": "p", "is": "matches", "value": "("}), "where.value", ")"),
        ({"op": "metric", "name": "visit", "is": ">", "value": 1}, "name", "'visits'"),
        ({"op": "metric", "name": "rfm", "is": ">", "value": 1}, "is", "cannot be asked"),
        (did(event=" "), "event", "name of an event"),
        (did(window="400d"), "window", "366d"),
        (did(window="61m"), "window", "moves by"),
        (did(window={"op": "last_calendar", "count": 0, "unit": "day"}), "window.count", "366"),
        (did(window={"op": "between", "first": "2026-01-02", "last": "x"}), "window.last", "day"),
        (
            did(window={"op": "between", "first": "2026-01-02", "last": "2026-01-01"}),
            "window.last",
            "before the first",
        ),
        (did(field="properties.price"), "field", "takes no field"),
        (did(aggregate="sum"), "field", "needs a field"),
        (did(aggregate="distinct", field="properties.sku", value=257), "value", "at most 256"),
        (did(field="a..b", aggregate="sum"), "field", "no path"),
        (did(approximate=True), "approximate", "only of"),
        (
            did(aggregate="distinct", field="a", approximate=True, window="7d"),
            "window",
            "lets nothing go",
        ),
        (did(where={"op": "prop", "path": "p", "is": "<", "value": "x"}), "where.value", "number"),
        (
            {"op": "bought", "where": {"op": "prop", "path": "stor_id", "is": "exists"}},
            "where.path",
            "'store_id'",
        ),
        (
            {
                "op": "bought",
                "where": {
                    "op": "any_item",
                    "path": "lines",
                    "where": {"op": "prop", "path": "price", "is": "contains", "value": "1"},
                },
            },
            "where.where.is",
            "cannot be asked of a number",
        ),
        ({"op": "in_segment", "segment": "vips"}, "segment", "there is no segment"),
        ({"op": "at_least", "count": 2, "of": [MEMBER]}, "count", "from 1 to 1"),
        ({"op": "sample", "salt": "a", "from": 50, "to": 50}, "to", "from < to"),
        ({"op": "sample", "salt": "a", "from": 0, "to": 0.005}, "to", "two decimals"),
        ({"op": "contact", "channel": "email", "state": "mobile"}, "state", "only a phone"),
        ({"op": "in_audience", "tag": ""}, "tag", "characters"),
        ({"op": "cart", "what": "idle", "value": 30}, "value", '"30m"'),
        ({"op": "cart", "what": "idle", "is": "=", "value": "30m"}, "is", ">="),
        ({"op": "cart", "value": "30m"}, "value", "number"),
        ({"op": "bonus", "kind": "expiring"}, "within", "within which time"),
        ({"op": "bonus", "within": "7d"}, "within", "leave it out"),
        ({"op": "message", "window": "61m"}, "window", "moves by"),
        (
            did(where={"op": "count_items", "path": "properties.a", "is": "exists"}),
            "where.is",
            "a number",
        ),
        (
            {"op": "bought", "where": {"op": "sum_items", "path": "lines", "field": "name"}},
            "where.field",
            "price or quantity",
        ),
        ({**MEMBER, "id": "a b"}, "id", "leave it out"),
    ],
)
def test_a_flaw_has_its_place_its_node_and_what_to_do(tree: Tree, path: str, words: str) -> None:
    wrapped: Tree = {"op": "not", "id": "top", "of": {"id": "it", **tree}}

    [flaw] = flaws(wrapped)

    assert flaw.path == f"of.{path}"
    assert words in flaw.message
    assert flaw.node is not None
    assert flaw.node != "top"


@pytest.mark.parametrize(
    ("tree", "path", "node"),
    [
        ({"op": "all", "of": [MEMBER, {"op": "nothing"}]}, "of[1].op", "n3"),
        ({"op": "all", "of": [MEMBER, {**MEMBER, "colour": 1, "id": "x"}]}, "of[1]", "x"),
        (did(where={"op": "prop", "path": 3, "is": "exists"}), "where.path", "n2"),
    ],
)
def test_what_is_no_rule_is_refused_at_its_node(tree: Tree, path: str, node: str) -> None:
    flaw = refused(tree)

    assert (flaw.path, flaw.node) == (path, node)


def test_nodes_keep_their_ids_and_others_get_the_next_free_one() -> None:
    rule = reading.decoded({"op": "all", "id": "n2", "of": [MEMBER, {**MEMBER, "id": "n1"}]})

    assert [node.id for _, node in walking.walk(rule)] == ["n2", "n3", "n1"]


def test_two_nodes_of_one_id_are_refused() -> None:
    found = flaws({"op": "all", "of": [{**MEMBER, "id": "x"}, {**MEMBER, "id": "x"}]})

    assert [flaw.path for flaw in found] == ["of[0].id", "of[1].id"]


def nested(depth: int) -> Tree:
    tree = MEMBER
    for _ in range(depth - 1):
        tree = {"op": "not", "of": tree}
    return tree


@pytest.mark.parametrize(
    ("at_edge", "beyond", "words"),
    [
        (nested, limits.DEPTH_MAX, "deep"),
        (lambda n: {"op": "all", "of": [MEMBER] * (n - 1)}, limits.NODES_MAX, "nodes"),
        (lambda n: {"op": "all", "of": [did()] * n}, limits.COUNTED_MAX, "count events"),
    ],
    ids=["depth", "nodes", "counted"],
)
def test_a_rule_may_be_so_large_and_no_larger(at_edge: Any, beyond: int, words: str) -> None:  # noqa: ANN401  a table of functions
    assert flaws(at_edge(beyond)) == []

    [flaw] = flaws(at_edge(beyond + 1))
    assert words in flaw.message


def test_json_nested_a_million_times_is_refused_and_no_crash() -> None:
    tree: Tree = MEMBER
    for _ in range(100_000):
        tree = {"op": "not", "of": tree}

    assert "nested" in refused(tree).message


def segments(**rules: Tree) -> Declared:
    found = {name: reading.decoded(tree) for name, tree in rules.items()}
    return Declared(segments=found, attributes=DECLARED.attributes)


def needs(segment: str) -> Tree:
    return {"op": "not", "of": {"op": "in_segment", "segment": segment}}


def test_a_segment_that_needs_itself_is_refused_with_the_way_round() -> None:
    """d.3 6: segment in segment in segment."""
    declared = segments(a=needs("b"), b=needs("c"), c=needs("a"))

    [flaw] = flaws(needs("a"), declared)

    assert "a in b in c in a" in flaw.message


def test_two_ways_to_one_segment_are_no_circle() -> None:
    declared = segments(a={"op": "all", "of": [needs("b"), needs("c")]}, b=needs("c"), c=MEMBER)

    assert flaws(needs("a"), declared) == []
