"""Events, purchases and their items as documents, and what `where` asks of them."""

from collections.abc import Sequence
from typing import Final, assert_never

from clickhouse.rules import comparing, values
from clickhouse.rules.parameters import Parameters
from clickhouse.rules.values import Document, Value
from engine.conditions.nodes import (
    All,
    AllItems,
    AnyItem,
    AnyOf,
    CountItems,
    Items,
    Node,
    NoneOf,
    Not,
    Prop,
    SumItems,
)

_LINE: Final = {"product_id": "id"}
"""Fields of a line that the log calls otherwise."""

_COLUMNS: Final = frozenset(
    {"number", "currency", "status", "payment_status", "store_id", "store_name", "source"}
)


class Asking:
    """Writes conditions, with names of its own for the items of lists in lists."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._depth = 0

    def where(self, node: Node | None, document: Document) -> str:  # noqa: PLR0911 one arm each
        """0 or 1 for each row; without a condition 1."""
        match node:
            case None:
                return "1"
            case All(of=of):
                return self._joined(of, document, " AND ", empty="1")
            case AnyOf(of=of):
                return self._joined(of, document, " OR ", empty="0")
            case NoneOf(of=of):
                return f"(NOT {self._joined(of, document, ' OR ', empty='0')})"
            case Not(of=one):
                return f"(NOT {self.where(one, document)})"
            case AnyItem() | AllItems() | CountItems() | SumItems():
                return self._of_items(node, document)
            case Prop(path=path):
                value = document(path.split("."))
                return comparing.compared(value, node.comparison, node.value, self._parameters)
            case _:
                assert_never(node)

    def event(self, path: Sequence[str]) -> Value:
        """A field of an event of a tracker."""
        match list(path):
            case ["properties" | "context" as column, *rest]:
                return values.json(f"e.{column}", rest, self._parameters)
            case ["name" | "type" | "source" as column]:
                expression = f"CAST(toString(e.{column}), 'Nullable(String)')"
                return values.text(expression)
            case _:
                return values.nothing()

    def receipt(self, path: Sequence[str]) -> Value:
        """A field of a receipt; its lines are JSON, as the log has them."""
        match list(path):
            case ["custom", *rest]:
                return values.json("e.custom", rest, self._parameters)
            case ["id"]:
                return values.column("e.receipt_id")
            case ["total" | "shipping" as column]:
                return values.number(f"e.{column}")
            case ["lines"]:
                return values.json("e.payload", ["lines"], self._parameters)
            case [column] if column in _COLUMNS:
                return values.column(f"e.{column}")
            case _:
                return values.nothing()

    def _joined(self, of: Sequence[Node], document: Document, word: str, *, empty: str) -> str:
        return f"({word.join(self.where(one, document) for one in of) or empty})"

    def _of_items(self, node: Items, document: Document) -> str:
        list_of, name = document(node.path.split(".")), f"item{self._depth}"
        is_receipt = document == self.receipt

        def item(path: Sequence[str]) -> Value:
            if is_receipt:
                return self._line(name, path)
            return values.json(name, path, self._parameters)

        self._depth += 1
        asked = self.where(node.where, item)
        self._depth -= 1
        is_kept = f"{name} -> JSONType({name}) = 'Object' AND {asked}"
        match node:
            case AnyItem():
                return f"arrayExists({is_kept}, {list_of.items})"
            case AllItems():
                holds = f"{name} -> JSONType({name}) != 'Object' OR {asked}"
                return f"({list_of.is_list} AND arrayAll({holds}, {list_of.items}))"
            case CountItems():
                amount = f"arrayCount({is_kept}, {list_of.items})"
            case SumItems(field=field):
                told = f"ifNull({item(field.split('.')).number}, 0)"
                kept = f"arrayFilter({is_kept}, {list_of.items})"
                amount = f"arraySum({name} -> {told}, {kept})"
        value = values.number(f"if({list_of.is_list}, {amount}, NULL)")
        return comparing.compared(value, node.comparison, node.value, self._parameters)

    def _line(self, name: str, path: Sequence[str]) -> Value:
        """One piece is what a line says that names no quantity."""
        found = values.json(name, [_LINE.get(path[0], path[0]), *path[1:]], self._parameters)
        if list(path) != ["quantity"]:
            return found
        return values.number(f"ifNull({found.number}, 1)")
