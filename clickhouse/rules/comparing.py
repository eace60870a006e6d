"""Comparisons in SQL: each is 0 or 1, and 0 of what is missing or of another kind."""

from decimal import Decimal
from typing import Final

from clickhouse.rules import values
from clickhouse.rules.parameters import Parameters
from clickhouse.rules.values import Value
from engine.conditions import checks, folding, numbers
from engine.conditions.nodes import Operand

_SIGNS: Final = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
_BARE: Final = {
    "exists": "{value.exists}",
    "missing": "NOT {value.exists}",
    "is_true": "ifNull({value.boolean} = true, 0)",
    "is_false": "ifNull({value.boolean} = false, 0)",
}


def compared(value: Value, comparison: str, operand: Operand, parameters: Parameters) -> str:  # noqa: PLR0911 one arm each
    """One comparison; those with dates are `clickhouse.rules.dates`."""
    if comparison in _BARE:
        return f"({_BARE[comparison].format(value=value)})"
    if comparison in checks.NUMBERS:
        return f"ifNull({value.number} {_SIGNS[comparison]} {_number(operand, parameters)}, 0)"
    if comparison == "between":
        low, high = (_number(bound, parameters) for bound in _listed(operand))
        return f"ifNull({value.number} >= {low} AND {value.number} <= {high}, 0)"
    if comparison in checks.TEXTS:
        return _textual(value, comparison, parameters.text(str(operand)))
    if comparison in {"has_any", "has_all", "has_none"}:
        return _listing(value, comparison, _listed(operand), parameters)
    is_one = is_one_of(value, _listed(operand), parameters)
    if comparison in {"=", "in"}:
        return is_one
    is_scalar = " OR ".join(
        f"isNotNull({one})" for one in (value.text, value.number, value.boolean)
    )
    return f"(({is_scalar}) AND NOT {is_one})"


def folded(value: Value, parameters: Parameters) -> Value:
    """The same in small letters, letter by letter as the engine takes them."""
    capitals, small = parameters.text(folding.CAPITALS), parameters.text(folding.SMALL)
    return value._replace(
        string=f"translateUTF8({value.string}, {capitals}, {small})",
        text=f"translateUTF8({value.text}, {capitals}, {small})",
    )


def is_one_of(value: Value, wanted: list[object], parameters: Parameters) -> str:
    """Whether it equals one of them: numbers by value, texts by content, never one as the other."""
    texts = [one for one in wanted if isinstance(one, str)]
    booleans = [one for one in wanted if isinstance(one, bool)]
    exact = [
        number
        for one in wanted
        if isinstance(one, int | float) and not isinstance(one, bool)
        and (number := numbers.exact(one)) is not None
    ]  # fmt: skip
    found = [f"{value.boolean} = {str(one).lower()}" for one in booleans]
    if texts:
        found.append(f"has({parameters.texts(texts)}, {value.text})")
    if exact:
        found.append(f"has({parameters.numbers(exact)}, {value.number})")
    return f"({' OR '.join(f'ifNull({one}, 0)' for one in found) or '0'})"


def _textual(value: Value, comparison: str, operand: str) -> str:
    asked = {
        "contains": f"position({value.string}, {operand}) > 0",
        "not_contains": f"position({value.string}, {operand}) = 0",
        "starts_with": f"startsWith({value.string}, {operand})",
        "ends_with": f"endsWith({value.string}, {operand})",
        "matches": f"match({value.string}, {operand})",
    }
    return f"ifNull({asked[comparison]}, 0)"


def _listing(value: Value, comparison: str, wanted: list[object], parameters: Parameters) -> str:
    item = values.json("item", (), parameters)
    hits = [
        f"arrayExists(item -> {is_one_of(item, [one], parameters)}, {value.items})"
        for one in wanted
    ]
    if comparison == "has_all":
        return f"({value.is_list} AND {' AND '.join(hits)})"
    has_any = f"({' OR '.join(hits)})"
    return f"({value.is_list} AND {'' if comparison == 'has_any' else 'NOT '}{has_any})"


def _number(operand: object, parameters: Parameters) -> str:
    exact = numbers.exact(operand)
    if exact is None:
        # Out of what is compared as a number: the engine compares with nothing as well.
        return "CAST(NULL, 'Nullable(Decimal(38, 6))')"
    return parameters.number(Decimal(exact))


def _listed(operand: Operand) -> list[object]:
    return list(operand) if isinstance(operand, tuple) else [operand]
