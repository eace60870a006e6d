"""What is wrong with a condition that its types alone do not say."""

from collections.abc import Callable
from typing import Final

from engine.conditions import nodes, numbers, patterns
from engine.conditions.nodes import AllItems, AnyItem, CountItems, Node, Prop, SumItems
from engine.errors import Flaw

DEPTH_MAX: Final = 8
NODES_MAX: Final = 50
LISTED_MAX: Final = 256
"""Values of an `in`."""

BARE: Final = frozenset({"exists", "missing", "is_true", "is_false"})
LISTS: Final = frozenset({"in", "not_in", "has_any", "has_all", "has_none"})
NUMBERS: Final = frozenset({"<", "<=", ">", ">="})
COUNTED: Final = NUMBERS | {"=", "!=", "in", "not_in", "between"}
"""What can be asked of how many, or how much."""

TEXTS: Final = frozenset({"contains", "not_contains", "starts_with", "ends_with", "matches"})


def flaws(node: Node, *, path: str) -> list[Flaw]:
    """Everything wrong that the types alone do not say, each at its node."""
    found = [flaw for place, one in nodes.walk(node, path=path) for flaw in _flaws_of(one, place)]
    count = sum(1 for _ in nodes.walk(node, path=path))
    if count > NODES_MAX:
        found.append(Flaw(path=path, message=f"{count} nodes, at most {NODES_MAX}"))
    if nodes.depth(node) > DEPTH_MAX:
        found.append(Flaw(path=path, message=f"nested deeper than {DEPTH_MAX}"))
    return found


def _flaws_of(node: Node, place: str) -> list[Flaw]:
    if not isinstance(node, Prop | AnyItem | AllItems | CountItems | SumItems):
        return []
    paths = {"path": node.path, **({"field": node.field} if isinstance(node, SumItems) else {})}
    for name, path in paths.items():
        if not all(path.split(".")):
            message = f"{path!r} is no path: write it like a.b"
            return [Flaw(path=f"{place}.{name}", message=message)]
    wrong = None
    if isinstance(node, Prop | CountItems | SumItems):
        wrong = operand_flaw(node.comparison, node.value)
    if isinstance(node, CountItems | SumItems) and node.comparison not in COUNTED:
        return [Flaw(path=f"{place}.is", message=f"a number: one of {', '.join(sorted(COUNTED))}")]
    return [] if wrong is None else [Flaw(path=f"{place}.value", message=wrong)]


def operand_flaw(comparison: str, value: object) -> str | None:
    """What is wrong with the value of a comparison; None of one that is not known here."""
    if comparison == "matches":
        return patterns.flaw(value)
    for asked, is_right, wanted in _OPERANDS:
        if comparison in asked:
            return None if is_right(value) else f'"{comparison}" takes {wanted}'
    return None


def _is_number(value: object) -> bool:
    return numbers.exact(value) is not None


def _is_list(value: object) -> bool:
    return isinstance(value, tuple) and 0 < len(value) <= LISTED_MAX


def _is_range(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(map(_is_number, value))


_OPERANDS: Final[tuple[tuple[frozenset[str], Callable[[object], bool], str], ...]] = (
    (BARE, lambda value: value is None, "no value"),
    (LISTS, _is_list, f"a list of 1 to {LISTED_MAX} values"),
    (NUMBERS, _is_number, "a number"),
    (TEXTS, lambda value: isinstance(value, str) and bool(value), "a text"),
    (frozenset({"between"}), _is_range, "two numbers, both included"),
    (frozenset({"=", "!="}), lambda value: isinstance(value, str | int | float), "one value"),
)
