"""Numbers as sources write them, bounded so that sums of them stay exact."""

from decimal import Decimal
from typing import Final

NUMBER_DIGITS_MAX: Final = 12
"""Before the point."""

NUMBER_DECIMALS_MAX: Final = 6
"""Behind it, rounded: then a row's sums stay exact over 10^9 events in 28 digits."""

_TEXT_MAX: Final = 40


def exact(value: object) -> Decimal | None:
    """Read a number, or decimal text as money travels; None for anything else.

    More than six decimals are rounded; one with more than twelve digits is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    text = str(value)
    if len(text) > _TEXT_MAX or not text.lstrip("+-")[:1].isdecimal() or not text.isascii():
        return None
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    if not number.is_finite() or (number and number.adjusted() >= NUMBER_DIGITS_MAX):
        return None
    exponent = number.as_tuple().exponent
    is_long = isinstance(exponent, int) and -exponent > NUMBER_DECIMALS_MAX
    return round(number, NUMBER_DECIMALS_MAX) if is_long else number
