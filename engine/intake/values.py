"""Single values: identifiers, names, money, quantities. None stands for "not said".

A value the engine would compute with is refused when it is wrong, never guessed; a text that
only adorns is cut or left out.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from engine.errors import RejectedError
from engine.intake import limits
from engine.intake.structure import CONTROL

_AMOUNT: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_CURRENCY: Final = re.compile(r"[A-Za-z]{3}")
_SHOWN_CHARS: Final = 40
"""Of a wrong value in a message: enough to find it, not enough to spread it."""

Object = Mapping[str, object]
Scalar: TypeAlias = str | int | float | bool | None


def fields(message: Object, name: str) -> dict[str, object]:
    """Take an object; null and the empty array that PHP makes of an empty one are none.

    Raises:
        RejectedError: `invalid_shape`, something else.
    """
    value = message.get(name)
    if isinstance(value, dict):
        return value
    if value is None or value == []:
        return {}
    raise RejectedError("invalid_shape", f"expected an object, got {shown(value)}", path=name)


def identifier(value: object, *, path: str, max_chars: int = limits.ID_MAX_CHARS) -> str | None:
    """Take an identifier; a whole number is its decimal text, blank text is none.

    Raises:
        RejectedError: `invalid_id`; a fraction among others, since 1e3 and 1000.0 would be one id
            for some senders and two for others.
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise RejectedError("invalid_id", f"{shown(value)} is no identifier", path=path)
    if not value or value.isspace():
        return None
    if len(value) > max_chars:
        raise RejectedError(
            "invalid_id", f"{len(value)} characters; at most {max_chars}", path=path
        )
    if not value.isprintable() and CONTROL.search(value):
        raise RejectedError("invalid_id", f"{shown(value)} has a control character", path=path)
    return value


def name(value: object, *, path: str) -> str:
    """Take the name of an event or a page; empty when there is none.

    Raises:
        RejectedError: `invalid_name`.
    """
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limits.NAME_MAX_CHARS:
        raise RejectedError(
            "invalid_name",
            f"{shown(value)} is no name of at most {limits.NAME_MAX_CHARS} characters",
            path=path,
        )
    if not value.isprintable() and CONTROL.search(value):
        raise RejectedError("invalid_name", f"{shown(value)} has a control character", path=path)
    return value


def text(value: object) -> str | None:
    """Take what describes a product, cut to what a row can bear."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        return None
    return value[: limits.PRODUCT_TEXT_MAX_CHARS]


def url(value: object) -> str | None:
    """Take an address; what is too long to be followed is left out."""
    if not isinstance(value, str) or not value or len(value) > limits.URL_MAX_CHARS:
        return None
    return None if CONTROL.search(value) else value


def amount(value: object, *, path: str, is_signed: bool = False) -> Decimal | None:
    """Take money, exactly as written: a number, or decimal text.

    Raises:
        RejectedError: `invalid_amount`; also a negative one unless `is_signed`.
    """
    if value is None or value == "":
        return None
    money = _decimal(value)
    if money is None or (money < 0 and not is_signed):
        raise RejectedError("invalid_amount", f"{shown(value)} is no amount", path=path)
    exponent = money.as_tuple().exponent
    if (
        money.adjusted() >= limits.AMOUNT_DIGITS_MAX
        or not isinstance(exponent, int)
        or -exponent > limits.AMOUNT_DECIMALS_MAX
    ):
        raise RejectedError(
            "invalid_amount",
            f"{shown(value)} has more than {limits.AMOUNT_DIGITS_MAX} digits or "
            f"{limits.AMOUNT_DECIMALS_MAX} decimals",
            path=path,
        )
    return money


def quantity(value: object, *, path: str, is_signed: bool = False) -> int:
    """Take a number of pieces; 1 when it was not said. 2, 2.0 and "2" are the same.

    Raises:
        RejectedError: `invalid_quantity`; a fraction, and zero or less unless `is_signed`: a till
            prints coupons and what was weighed as lines of no pieces.
    """
    if value is None or value == "":
        return 1
    number = _decimal(value)
    least = -limits.QUANTITY_MAX if is_signed else 1
    if (
        number is None
        or not least <= number <= limits.QUANTITY_MAX
        or number != number.to_integral_value()
    ):
        raise RejectedError(
            "invalid_quantity", f"{shown(value)} is no whole number of pieces", path=path
        )
    return int(number)


def currency(value: object, *, path: str) -> str | None:
    """Take a currency by its three letters (ISO 4217), upper case.

    Raises:
        RejectedError: `invalid_currency`.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise RejectedError(
            "invalid_currency", f'{shown(value)} is no currency: write it like "EUR"', path=path
        )
    return value.upper()


def custom(entry: Object, *, path: str) -> dict[str, Scalar]:
    """Take the fields of the shop's own: text, numbers, yes and no, null; nothing nested.

    Raises:
        RejectedError: `invalid_custom`; too many, too long, or an object or array among them.
    """
    given = entry.get("custom")
    if given is None or given == []:
        return {}
    if not isinstance(given, dict) or len(given) > limits.CUSTOM_FIELDS_MAX:
        raise RejectedError(
            "invalid_custom",
            f"expected an object of at most {limits.CUSTOM_FIELDS_MAX} fields",
            path=path,
        )
    return {key: _scalar(value, f"{path}.{key}") for key, value in given.items()}


def _scalar(value: object, path: str) -> Scalar:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str) and len(value) <= limits.CUSTOM_TEXT_MAX_CHARS:
        return value
    if value is None or isinstance(value, int | float):
        return value
    raise RejectedError(
        "invalid_custom",
        f"{shown(value)} is no text of at most {limits.CUSTOM_TEXT_MAX_CHARS} characters, "
        "no number, no yes or no",
        path=path,
    )


def plain(value: object) -> object:
    """Exact numbers as ordinary ones, for attributes that rules compare: 1.80 is 1.8."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def shown(value: object) -> str:
    """A wrong value as people may see it."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    told = repr(str(value) if isinstance(value, Decimal) else value)
    return told if len(told) <= _SHOWN_CHARS else f"{told[:_SHOWN_CHARS]}..."


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and len(value) <= _SHOWN_CHARS and _AMOUNT.fullmatch(value.strip()):
        try:
            return Decimal(value.strip())
        except InvalidOperation:
            return None
    return None
