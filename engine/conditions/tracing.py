"""A condition on an event with what its nodes read, for whoever wants to know why.

Asked only when a decision fell by it, so nothing here is compiled. Of a list the operand is what
came of it: how many items satisfied, how many did not, their count or sum.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, TypeAlias, assert_never

import msgspec

from engine.conditions import evaluation, nodes, numbers
from engine.conditions.evaluation import Document
from engine.conditions.nodes import (
    All,
    AllItems,
    AnyItem,
    AnyOf,
    CountItems,
    Node,
    NoneOf,
    Not,
    Prop,
    SumItems,
)

TOP: Final = "f"
"""What the first node is called where it has no id of its own; the others by their way from it."""

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
"""A number stays one: it is no text that reads alike."""

Operands: TypeAlias = Mapping[str, object]

Leaf: TypeAlias = Prop | AnyItem | AllItems | CountItems | SumItems


def named(node: Node) -> dict[str, Node]:
    """Its nodes by id; one without an id is called after its place."""
    return {one.id or place: one for place, one in nodes.walk(node, path=TOP)}


def read(node: Node, document: Document) -> dict[str, object]:
    """What every question of it reads, by node; not those inside of lists."""
    return {name: _operand(one, document) for name, one in _leaves(node, TOP)}


def holds(node: Node, operands: Operands, *, path: str = TOP) -> bool:
    """The verdict of recorded values, without the event."""
    match node:
        case All(of=of):
            return all(holds(one, operands, path=f"{path}.of[{n}]") for n, one in enumerate(of))
        case AnyOf(of=of):
            return any(holds(one, operands, path=f"{path}.of[{n}]") for n, one in enumerate(of))
        case NoneOf(of=of):
            return not any(holds(one, operands, path=f"{path}.of[{n}]") for n, one in enumerate(of))
        case Not(of=one):
            return not holds(one, operands, path=f"{path}.of")
        case Prop() | AnyItem() | AllItems() | CountItems() | SumItems():
            return verdict(node, operands.get(node.id or path))
        case _:
            assert_never(node)


def verdict(node: Leaf, operand: object) -> bool:
    """What one question comes to."""
    match node:
        case AnyItem():
            return isinstance(operand, int) and operand > 0
        case AllItems():
            return operand == 0
        case Prop() | CountItems() | SumItems():
            return evaluation.tested(node.comparison, node.value)(operand)
        case _:
            assert_never(node)


def _leaves(node: Node, path: str) -> list[tuple[str, Leaf]]:
    match node:
        case All(of=of) | AnyOf(of=of) | NoneOf(of=of):
            return [leaf for n, one in enumerate(of) for leaf in _leaves(one, f"{path}.of[{n}]")]
        case Not(of=one):
            return _leaves(one, f"{path}.of")
        case _:
            return [(node.id or path, node)]


def _operand(node: Leaf, document: Document) -> object:
    said = evaluation.found(document, node.path.split("."))
    if isinstance(node, Prop):
        return msgspec.json.decode(_encode(said))
    if not isinstance(said, list):
        return None
    test = (lambda _: True) if node.where is None else evaluation.compiled(node.where)
    items = [one for one in said if isinstance(one, Mapping)]
    kept = [one for one in items if test(one)]
    match node:
        case AnyItem() | CountItems():
            return len(kept)
        case AllItems():
            return len(items) - len(kept)
        case SumItems(field=field):
            told = (numbers.exact(evaluation.found(one, field.split("."))) for one in kept)
            return f"{sum((one for one in told if one is not None), Decimal(0)):f}"
        case _:
            assert_never(node)
