"""Numbers as sources write them, bounded so that sums of them stay exact."""

import functools
import re
from decimal import Decimal
from typing import Final

NUMBER_DIGITS_MAX: Final = 12
"""Before the point."""

NUMBER_DECIMALS_MAX: Final = 6
"""Behind it, rounded: then a row's sums stay exact over 10^9 events in 28 digits."""

TEXT_CHARS_MAX: Final = 40

FORM: Final = r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?"
"""What is read as a number; ClickHouse reads by the same form (`clickhouse.rules`)."""

TEXTS_MAX: Final = 4_096
"""Numbers read last, 1 MB at most: a hundred rules compare one amount, each with another."""

_FORM: Final = re.compile(FORM)
_WHOLE_END: Final = 10**NUMBER_DIGITS_MAX


def exact(value: object) -> Decimal | None:
    """Read a number, or decimal text as money travels; None for anything else.

    More than six decimals are rounded; one with more than twelve digits is none.
    """
    if type(value) is int:
        return Decimal(value) if -_WHOLE_END < value < _WHOLE_END else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    text = str(value)
    return _read(text) if len(text) <= TEXT_CHARS_MAX else None


@functools.lru_cache(maxsize=TEXTS_MAX)
def _read(text: str) -> Decimal | None:
    if not _FORM.fullmatch(text):
        return None
    number = Decimal(text)
    if number and number.adjusted() >= NUMBER_DIGITS_MAX:
        return None
    exponent = number.as_tuple().exponent
    is_long = isinstance(exponent, int) and -exponent > NUMBER_DECIMALS_MAX
    return round(number, NUMBER_DECIMALS_MAX) if is_long else number
