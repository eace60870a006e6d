"""Which comparison a kind of value takes, and what it may be compared with."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from engine import dates
from engine.conditions import checks as conditions
from engine.errors import Flaw
from engine.rules import limits
from engine.rules.asking import Compared
from engine.rules.declared import Field, Kind

BARE: Final = conditions.BARE
ANY: Final = frozenset({"exists", "missing"})
_SAME: Final = frozenset({"=", "!=", "in", "not_in"})
RELATIVE: Final = frozenset({"in_last", "in_next", "more_than_ago", "anniversary_in", "same_month"})
"""Those that time alone turns round."""
CHANGED: Final = "changed_within"
"""Asks when the value became what it is, and not what it is."""

DATES: Final = RELATIVE | {"before", "after", "on", "day_of_week"}

_TAKES: Final[Mapping[Kind, frozenset[str]]] = {
    "text": ANY | _SAME | conditions.TEXTS,
    "choice": ANY | _SAME,
    "number": ANY | _SAME | conditions.NUMBERS | {"between"},
    "boolean": ANY | {"=", "is_true", "is_false"},
    "date": ANY | DATES | {"between"},
    "list": ANY | {"has_any", "has_all", "has_none"},
    "any": ANY | _SAME | conditions.TEXTS | conditions.NUMBERS | DATES
    | {"between", "is_true", "is_false", "has_any", "has_all", "has_none"},
}  # fmt: skip


def flaws(comparison: str, value: object, field: Field, *, tz: str = "company") -> Iterator[Flaw]:
    """What is wrong with a comparison of such a field; paths begin at the node."""
    if comparison not in _TAKES[field.kind]:
        takes = ", ".join(sorted(_TAKES[field.kind]))
        message = f'"{comparison}" cannot be asked of a {field.kind}: take one of {takes}'
        yield Flaw(path="is", message=message)
        return
    wrong = _value_flaw(comparison, value, field)
    if wrong is not None:
        yield Flaw(path="value", message=wrong)
    if tz != "company" and comparison not in DATES | {"between"}:
        yield Flaw(path="tz", message="only of comparisons with dates: leave it out")


def compared_flaws(rule: Compared, field: Field) -> Iterator[Flaw]:
    """What is wrong with a node that compares such a field."""
    yield from flaws(rule.comparison, rule.value, field, tz=rule.tz)
    if rule.fold_case:
        yield from _fold_flaws(rule.comparison, rule.value)


def _fold_flaws(comparison: str, value: object) -> Iterator[Flaw]:
    """Small letters are a matter of texts."""
    listed = value if isinstance(value, tuple) else (value,)
    if comparison == "matches":
        yield Flaw(path="fold_case", message='leave it out, and let the pattern begin with "(?i)"')
    elif comparison not in _SAME | conditions.TEXTS or not any(isinstance(v, str) for v in listed):
        yield Flaw(path="fold_case", message="only of comparisons with texts: leave it out")


def changed_flaws(rule: Compared) -> Iterator[Flaw]:
    """What is wrong with the span of `changed_within`."""
    wrong = _span_flaw(rule.value)
    if wrong is not None:
        yield Flaw(path="value", message=wrong)
    if rule.fold_case:
        yield Flaw(path="fold_case", message="only of comparisons with texts: leave it out")


def number_flaws(comparison: str, value: object) -> Iterator[Flaw]:
    """Of what is counted or summed up."""
    yield from flaws(comparison, value, Field(kind="number"))


def distinct_flaws(value: object) -> Iterator[Flaw]:
    """More than rows tell apart cannot be asked."""
    listed = value if isinstance(value, tuple) else (value,)
    if any(isinstance(one, int | float) and one > limits.DISTINCT_MAX for one in listed):
        message = (
            f"at most {limits.DISTINCT_MAX}: a row tells no more values apart;"
            " with approximate=true it estimates how many there are"
        )
        yield Flaw(path="value", message=message)


def day(text: str) -> date | None:
    """A day of the calendar, and no instant."""
    found = dates.read(text)
    return found if isinstance(found, date) else None


def _value_flaw(comparison: str, value: object, field: Field) -> str | None:
    if comparison in DATES or (comparison == "between" and field.kind == "date"):
        return _date_flaw(comparison, value)
    if comparison == "between" and field.kind == "any" and _is_dates(value):
        return None
    found = conditions.operand_flaw(comparison, value)
    if found is not None:
        return found
    listed = value if isinstance(value, tuple) else (value,)
    if any(isinstance(one, str) and len(one) > limits.TEXT_CHARS_MAX for one in listed):
        return f"a text of at most {limits.TEXT_CHARS_MAX} characters"
    if value is None:
        return None
    return _kind_flaw(listed, field)


def _kind_flaw(listed: tuple[object, ...], field: Field) -> str | None:
    match field.kind:
        case "text" if not all(isinstance(one, str) for one in listed):
            return 'it is a text: write the value as "..."'
        case "boolean" if not all(isinstance(one, bool) for one in listed):
            return "it is true or false"
        case "number" if any(isinstance(one, str | bool) for one in listed):
            return "it is a number: write the value without quotes"
        case "choice" if not set(listed) <= set(field.choices):
            return f"it is one of {', '.join(map(repr, field.choices))}"
        case _:
            return None


def _date_flaw(comparison: str, value: object) -> str | None:  # noqa: PLR0911 one arm each
    match comparison:
        case "before" | "after":
            is_right = isinstance(value, str) and dates.read(value) is not None
            return None if is_right else 'a day like "2026-01-31", or a time with its offset'
        case "on":
            is_right = isinstance(value, str) and day(value) is not None
            return None if is_right else 'a day like "2026-01-31"'
        case "between":
            return None if _is_dates(value) else 'two days like "2026-01-31", both included'
        case "in_last" | "in_next" | "more_than_ago":
            return _span_flaw(value)
        case "day_of_week":
            return None if _is_whole(value, 1, 7) else "days from 1, Monday, to 7, Sunday"
        case "anniversary_in":
            most = limits.ANNIVERSARY_DAYS_MAX
            is_right = _is_whole(value, -most, most) and _is_ordered(value)
            return None if is_right else f"two numbers of days from today, {-most} to {most}"
        case _:
            return None if value is None else f'"{comparison}" takes no value'


def _span_flaw(value: object) -> str | None:
    if not isinstance(value, str):
        return 'a span like "12h", "7d", "6mo" or "18y"'
    try:
        dates.span(value)
    except ValueError as error:
        return str(error)
    return None


def _is_whole(value: object, lowest: int, highest: int) -> bool:
    listed = value if isinstance(value, tuple) else (value,)
    return bool(listed) and all(
        isinstance(one, int) and not isinstance(one, bool) and lowest <= one <= highest
        for one in listed
    )


def _is_ordered(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and bool(value[0] <= value[1])


def _is_dates(value: object) -> bool:
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    return all(isinstance(one, str) and dates.read(one) is not None for one in value)
