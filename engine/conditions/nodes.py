"""The tree of a condition: nodes in the shapes of rules.

`{"op": "prop", "path": "properties.price", "is": ">=", "value": 50}`. A comparison with a value
that is absent or of another kind is false, whatever the comparison; only `not` and `none` turn it
round. So `"is": "!="` asks for a value that is there and differs.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias, assert_never

import msgspec

Comparison: TypeAlias = Literal[
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "between",
    "in",
    "not_in",
    "exists",
    "missing",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "is_true",
    "is_false",
    "has_any",
    "has_all",
    "has_none",
]

Operand: TypeAlias = str | int | float | bool | tuple[str | int | float | bool, ...] | None


class BaseNode(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="op",
):
    """What every node may carry."""

    id: str | None = None
    """Stays with the node from version to version, for explanations."""


class All(BaseNode, frozen=True, kw_only=True, tag="all"):
    """Every one holds; of nothing, true."""

    of: "tuple[Node, ...]"


class AnyOf(BaseNode, frozen=True, kw_only=True, tag="any"):
    """At least one holds; of nothing, false."""

    of: "tuple[Node, ...]"


class NoneOf(BaseNode, frozen=True, kw_only=True, tag="none"):
    """Not one holds."""

    of: "tuple[Node, ...]"


class Not(BaseNode, frozen=True, kw_only=True, tag="not"):
    """It does not hold."""

    of: "Node"


class Prop(
    BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="prop", rename={"comparison": "is"}
):
    """A field of the event or purchase, by its path."""

    path: str
    comparison: Comparison
    value: Operand = None


class AnyItem(BaseNode, frozen=True, kw_only=True, tag="any_item"):
    """One item of a list satisfies `where`, whose paths start at the item."""

    path: str
    where: "Node"


class AllItems(BaseNode, frozen=True, kw_only=True, tag="all_items"):
    """Every item of a list satisfies `where`; of an empty list true, of no list false."""

    path: str
    where: "Node"


class CountItems(
    BaseNode,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="count_items",
    rename={"comparison": "is"},
):
    """How many items of a list satisfy `where`; no list has no number."""

    path: str
    where: "Node | None" = None
    comparison: Comparison = ">="
    value: Operand = 1


class SumItems(
    BaseNode,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="sum_items",
    rename={"comparison": "is"},
):
    """What a field of the items that satisfy `where` adds up to; one without it adds nothing."""

    path: str
    field: str
    where: "Node | None" = None
    comparison: Comparison = ">="
    value: Operand = 1


Items: TypeAlias = AnyItem | AllItems | CountItems | SumItems

Node: TypeAlias = All | AnyOf | NoneOf | Not | Prop | AnyItem | AllItems | CountItems | SumItems


def walk(node: Node, *, path: str) -> Iterator[tuple[str, Node]]:
    """Every node with its place, from the top."""
    yield path, node
    for place, child in _children(node):
        yield from walk(child, path=f"{path}.{place}")


def depth(node: Node) -> int:
    """How deep the tree is; one node alone is 1."""
    return 1 + max((depth(child) for _, child in _children(node)), default=0)


def _children(node: Node) -> list[tuple[str, Node]]:
    match node:
        case All(of=of) | AnyOf(of=of) | NoneOf(of=of):
            return [(f"of[{place}]", one) for place, one in enumerate(of)]
        case Not(of=one):
            return [("of", one)]
        case AnyItem(where=where) | AllItems(where=where):
            return [("where", where)]
        case CountItems(where=where) | SumItems(where=where):
            return [] if where is None else [("where", where)]
        case Prop():
            return []
        case _:
            assert_never(node)
