"""The filters a template may use: those of Jinja that cannot be made to explode, and ours."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, DecimalException
from typing import Final

import jinja2.filters
from jinja2 import pass_context, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context

from channels.rendering import limits
from channels.rendering.limits import NUMBER_MAX, LimitError, Turns

FROM_JINJA: Final = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float"),
    *("forceescape", "groupby", "int", "items", "last", "length", "list", "lower", "map", "max"),
    *("min", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "string", "sum"),
    *("title", "trim", "truncate", "unique", "upper", "urlencode", "wordcount"),
)
"""Not among them: `safe`, since whatever stands in html is escaped; `center`, `indent`, `format`,
`wordwrap`, `batch`, `slice`, `pprint`, `xmlattr` and `attr`, which grow without bound or reach into
objects."""

_DIRECTIVE: Final = re.compile(r"%[dmyYHM%]|%")


def money(value: object, currency: str = "") -> str:
    """Write an amount with two decimals: `1,234.50`, or `1,234.50 EUR`.

    Raises:
        LimitError: not an amount.
    """
    try:
        amount = Decimal(str(value))
        written = f"{amount:,.2f}" if abs(amount) <= NUMBER_MAX else ""
    except DecimalException as error:
        raise LimitError(f"{str(value)[:40]!r} is no amount of money") from error
    if not written:
        raise LimitError(f"{str(value)[:40]!r} is too large an amount of money")
    return f"{written} {currency}".rstrip()


def date(value: object, form: str = "%Y-%m-%d") -> str:
    """Write an instant (epoch ms, or RFC 3339) in UTC; `form` knows %d %m %y %Y %H %M %%.

    Raises:
        LimitError: not an instant, or an unknown directive.
    """
    unknown = [found for found in _DIRECTIVE.findall(form) if found == "%"]
    if unknown:
        raise LimitError(f"a date knows %d %m %y %Y %H %M, not {form[:40]!r}")
    try:
        if isinstance(value, int | float):
            instant = datetime.fromtimestamp(value / 1000, UTC)
        else:
            instant = datetime.fromisoformat(str(value)).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise LimitError(f"{str(value)[:40]!r} is no date") from error
    return instant.strftime(form)


def rounded(value: object, precision: int = 0) -> int | float:
    """Round to at most six decimals; Python takes for ever over a billion of them.

    Raises:
        LimitError: no number, or another precision.
    """
    if precision not in range(7):
        raise LimitError("round takes a precision from 0 to 6")
    return round(limits.number(value), precision)


@pass_eval_context
def joined(settings: EvalContext, values: Iterable[object], separator: str = "") -> str:
    """Join as Jinja does; for an attribute, `map` it first.

    Raises:
        LimitError: longer than the whole message may be.
    """
    items = list(values)
    if sum(len(str(item)) + len(separator) for item in items) > limits.OUTPUT_MAX_BYTES:
        raise LimitError(f"a list joins to more than {limits.OUTPUT_MAX_BYTES} characters")
    return jinja2.filters.sync_do_join(settings, items, separator)


def replaced(value: object, old: str, new: str) -> str:
    """Replace every `old`.

    Raises:
        LimitError: longer than the whole message may be.
    """
    text = str(value)
    if len(text) + text.count(old) * len(new) > limits.OUTPUT_MAX_BYTES:
        raise LimitError(f"replacing gives more than {limits.OUTPUT_MAX_BYTES} characters")
    return text.replace(old, new)


@pass_context
def counted(context: Context, items: Iterable[object]) -> Iterator[object]:
    """Go through a loop's items, counting: put around every loop before it is compiled.

    Raises:
        LimitError: the loops of this part have taken all their turns.
    """
    turns = context[limits.COUNTED]
    if not isinstance(turns, Turns):
        raise TypeError("a part is filled without its count")
    for item in items:
        turns.take()
        yield item


def allowed() -> dict[str, Callable[..., object]]:
    """Every filter by name."""
    return {name: jinja2.filters.FILTERS[name] for name in FROM_JINJA} | {
        "money": money,
        "date": date,
        "round": rounded,
        "join": joined,
        "replace": replaced,
        limits.COUNTED: counted,
    }
