"""Values as SQL sees them: one expression for each way in which a value can be asked.

Every expression is Nullable, and NULL where the value is missing or of another kind.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from clickhouse.rules.parameters import Parameters
from engine.conditions import numbers

_FORM = numbers.FORM.replace("\\", "\\\\")


class Value(NamedTuple):
    """What stands at a path, by kinds."""

    exists: str
    """Whether anything does; never NULL."""
    string: str = "CAST(NULL, 'Nullable(String)')"
    text: str = "CAST(NULL, 'Nullable(String)')"
    """A string, or a whole number as text: ids are either."""
    number: str = "CAST(NULL, 'Nullable(Decimal(38, 6))')"
    """A number, or decimal text."""
    boolean: str = "CAST(NULL, 'Nullable(Bool)')"
    is_list: str = "0"
    items: str = "CAST([], 'Array(String)')"
    """JSON of each."""


Document = Callable[[Sequence[str]], Value]
"""What stands at a path of an event, a purchase, a line or a customer."""


def exact(text: str) -> str:
    """Decimal text as the engine reads it: by the same form, rounded half to even."""
    number = f"toDecimal256OrNull({text}, 30)"
    within = (
        f"if(length({text}) <= {numbers.TEXT_CHARS_MAX} AND match({text}, '^(?:{_FORM})$')"
        f" AND abs({number}) < toDecimal256('1e{numbers.NUMBER_DIGITS_MAX}', 30), {number}, NULL)"
    )
    # Bounded first: of whatever is evaluated, nothing may be too great for the type.
    return f"CAST(roundBankers({within}, 6), 'Nullable(Decimal(38, 6))')"


def json(document: str, path: Sequence[str], parameters: Parameters) -> Value:
    """What stands at a path of JSON; the empty path is all of it."""
    arguments = ", ".join([document, *map(parameters.text, path)])
    kind = f"JSONType({arguments})"
    string, raw = f"JSONExtractString({arguments})", f"JSONExtractRaw({arguments})"
    return Value(
        exists=f"({kind} != 'Null')",
        string=f"if({kind} = 'String', {string}, NULL)",
        text=f"multiIf({kind} = 'String', {string}, {kind} IN ('Int64', 'UInt64'), {raw}, NULL)",
        number=(
            f"multiIf({kind} = 'String', {exact(string)},"
            f" {kind} IN ('Int64', 'UInt64', 'Double'), {exact(raw)}, NULL)"
        ),
        boolean=f"if({kind} = 'Bool', JSONExtractBool({arguments}), NULL)",
        is_list=f"({kind} = 'Array')",
        items=f"JSONExtractArrayRaw({arguments})",
    )


def column(name: str) -> Value:
    """A text column, where absent is empty."""
    string = f"nullIf(toString({name}), '')"
    return Value(
        exists=f"(toString({name}) != '')",
        string=string,
        text=string,
        number=exact(f"toString({name})"),
    )


def text(expression: str) -> Value:
    """A Nullable text."""
    return Value(
        exists=f"isNotNull({expression})",
        string=expression,
        text=expression,
        number=exact(f"ifNull({expression}, '')"),
    )


def texts(column: str) -> Value:
    """A column of texts; an empty one is missing."""
    return Value(
        exists=f"notEmpty({column})",
        is_list=f"notEmpty({column})",
        items=f"arrayMap(one -> toJSONString(one), {column})",
    )


def number(expression: str) -> Value:
    """A number, Nullable or not."""
    exactly = f"CAST({expression}, 'Nullable(Decimal(38, 6))')"
    return Value(exists=f"isNotNull({expression})", number=exactly)


def nothing() -> Value:
    """What no document has."""
    return Value(exists="0")
