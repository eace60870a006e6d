"""Capital letters as small ones, letter by letter: alike in the engine and in ClickHouse.

Only letters whose small form is one letter, of the alphabets that have both: what a language does
beyond that (the German sharp s, the Turkish i with a dot) is not guessed.
"""

from typing import Final

_LAST: Final = 0x587
"""Latin, Greek, Cyrillic and Armenian end here."""

_PAIRS: Final = [
    (chr(code), chr(code).lower())
    for code in range(_LAST + 1)
    if len(chr(code).lower()) == 1 and chr(code).lower() != chr(code)
]

CAPITALS: Final = "".join(capital for capital, _ in _PAIRS)
SMALL: Final = "".join(small for _, small in _PAIRS)

TABLE: Final = str.maketrans(CAPITALS, SMALL)


def folded(value: object) -> object:
    """A text in small letters; anything else as it is."""
    return value.translate(TABLE) if isinstance(value, str) else value
