"""Conditions as functions: compiled when a definition changes, called for each event."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, TypeAlias, assert_never

from engine.conditions import checks, numbers, patterns
from engine.conditions.nodes import (
    All,
    AllItems,
    AnyItem,
    AnyOf,
    CountItems,
    Node,
    NoneOf,
    Not,
    Operand,
    Prop,
    SumItems,
)

Document: TypeAlias = Mapping[str, object]
Condition: TypeAlias = Callable[[Document], bool]


def compiled(node: Node) -> Condition:  # noqa: PLR0911 one arm per node
    """Make a function of the tree; compiled once, when a definition changes."""
    match node:
        case All(of=of):
            parts = [compiled(one) for one in of]
            return lambda document: all(part(document) for part in parts)
        case AnyOf(of=of):
            parts = [compiled(one) for one in of]
            return lambda document: any(part(document) for part in parts)
        case NoneOf(of=of):
            parts = [compiled(one) for one in of]
            return lambda document: not any(part(document) for part in parts)
        case Not(of=one):
            inner = compiled(one)
            return lambda document: not inner(document)
        case AnyItem(path=path, where=where):
            keys, test = path.split("."), compiled(where)
            return lambda document: any(test(item) for item in _items(found(document, keys)))
        case AllItems(path=path, where=where):
            return _all_items(path.split("."), compiled(where))
        case CountItems() | SumItems():
            return _added(node)
        case Prop():
            return _compared(node)
        case _:
            assert_never(node)


def _all_items(keys: list[str], test: Condition) -> Condition:
    def condition(document: Document) -> bool:
        items = found(document, keys)
        return isinstance(items, list) and all(test(item) for item in _items(items))

    return condition


def _added(node: CountItems | SumItems) -> Condition:
    """Count the items, or add up a field of them; no list is missing."""
    keys, test = node.path.split("."), tested(node.comparison, node.value)
    where = None if node.where is None else compiled(node.where)
    field = node.field.split(".") if isinstance(node, SumItems) else None

    def condition(document: Document) -> bool:
        items = found(document, keys)
        if not isinstance(items, list):
            return False
        kept = [item for item in _items(items) if where is None or where(item)]
        if field is None:
            return test(len(kept))
        told = (numbers.exact(found(item, field)) for item in kept)
        return test(sum((one for one in told if one is not None), Decimal(0)))

    return condition


def found(document: Document, keys: list[str]) -> object:
    """What stands at a path; None where nothing does."""
    value: object = document
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _compared(prop: Prop) -> Condition:
    keys, test = prop.path.split("."), tested(prop.comparison, prop.value)
    return lambda document: test(found(document, keys))


def tested(asked: str, operand: Operand) -> Callable[[object], bool]:
    """Make a function of a comparison, of whatever value stands at the path."""
    if asked in checks.BARE:
        return _BARE[asked]
    if asked in checks.NUMBERS or asked == "between":
        return _numeric(asked, operand)
    if asked in checks.TEXTS:
        return _textual(asked, str(operand))
    wanted = _listed(operand)
    if asked in {"has_any", "has_all", "has_none"}:
        return _listing(asked, wanted)
    is_one = _equality(wanted)
    return is_one if asked in {"=", "in"} else lambda value: _is_scalar(value) and not is_one(value)


def _numeric(asked: str, operand: Operand) -> Callable[[object], bool]:
    low, high = _bounds(asked, operand)
    is_open_low, is_open_high = asked == ">", asked == "<"

    def test(value: object) -> bool:
        exact = numbers.exact(value)
        if exact is None:
            return False
        is_above = low is None or (exact > low if is_open_low else exact >= low)
        return is_above and (high is None or (exact < high if is_open_high else exact <= high))

    return test


def _bounds(asked: str, operand: Operand) -> tuple[Decimal | None, Decimal | None]:
    if asked == "between":
        low, high = (numbers.exact(bound) for bound in _listed(operand))
        return low, high
    bound = numbers.exact(operand)
    return (bound, None) if asked in {">", ">="} else (None, bound)


def _textual(asked: str, operand: str) -> Callable[[object], bool]:
    match asked:
        case "contains":
            return lambda value: isinstance(value, str) and operand in value
        case "not_contains":
            return lambda value: isinstance(value, str) and operand not in value
        case "starts_with":
            return lambda value: isinstance(value, str) and value.startswith(operand)
        case "matches":
            return patterns.tested(operand)
        case _:
            return lambda value: isinstance(value, str) and value.endswith(operand)


def _listing(asked: str, wanted: list[object]) -> Callable[[object], bool]:
    def test(value: object) -> bool:
        if not isinstance(value, list):
            return False
        hits = [any(_is_equal(item, one) for item in value) for one in wanted]
        if asked == "has_all":
            return all(hits)
        return any(hits) if asked == "has_any" else not any(hits)

    return test


_SCALARS: Final = (str, int, float, Decimal)

_BARE: Final[dict[str, Callable[[object], bool]]] = {
    "exists": lambda value: value is not None,
    "missing": lambda value: value is None,
    "is_true": lambda value: value is True,
    "is_false": lambda value: value is False,
}


def _is_scalar(value: object) -> bool:
    return isinstance(value, _SCALARS)


def _equality(wanted: list[object]) -> Callable[[object], bool]:
    """Whether it is one of them."""
    if not all(isinstance(one, str) for one in wanted):
        return lambda value: any(_is_equal(value, one) for one in wanted)
    texts = frozenset(wanted)

    def is_one(value: object) -> bool:
        """As `_is_equal`, of texts alone: looked up, however many there are."""
        if type(value) is int:
            return str(value) in texts
        return isinstance(value, str) and value in texts

    return is_one


def _is_equal(value: object, operand: object) -> bool:
    """Numbers by value, also against decimal text; the rest by kind and content."""
    if isinstance(operand, bool) or isinstance(value, bool):
        return value is operand
    if isinstance(operand, str):
        # Ids are whole numbers for some sources and text for others.
        return (str(value) if isinstance(value, int) else value) == operand
    exact = numbers.exact(operand)
    return exact is not None and numbers.exact(value) == exact


def _items(value: object) -> list[Document]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _listed(operand: Operand) -> list[object]:
    return list(operand) if isinstance(operand, tuple) else [operand]
