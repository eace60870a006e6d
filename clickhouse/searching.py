r"""Finding people by what somebody types: the text that is kept of each, and what is looked for.

    \nada-7\nada@example.com\n442079460000\nada lovelace\nlovelace ada\nlovelace\n

A line each, in lower case, so that one scan of one column tells how well a customer fits: a whole
line, the beginning of one, or anywhere. Both sides are made here and nowhere else.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

LINE: Final = "\n"

DIGITS_MIN: Final = 3
"""Fewer are no part of a phone that anybody would look for."""

NATIONAL_MIN: Final = 7
"""So many digits at the end of a phone are the phone: people leave the country's code out."""

_PHONE: Final = re.compile(r"[+(]?[0-9][0-9 ()./+\u2010-\u2015-]*")
_TRUNK_DIGITS: Final = 11
"""Of a Russian or Kazakh phone, said with the trunk prefix 8 where the world says +7."""


class Needles(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: texts of which one must occur."""

    whole: list[str]
    beginning: list[str]
    anywhere: list[str]


def text(*, identifier: str, email: str, phone: str, names: Iterable[str]) -> str:
    """Write down what a customer can be found by."""
    words = [folded(name) for name in names]
    full = [" ".join(filter(None, words)), " ".join(filter(None, reversed(words)))]
    lines = [folded(identifier), folded(email), digits(phone), *full, *words, *_split(words)]
    return LINE + "".join(f"{line}{LINE}" for line in dict.fromkeys(lines) if line)


def needles(typed: str) -> Needles:
    """Say what to look for; a number is also a phone, however it is spelled."""
    said, numbers = folded(typed), _numbers(typed)
    return Needles(
        whole=[f"{LINE}{said}{LINE}", *phones(typed)],
        beginning=[f"{LINE}{text}" for text in (said, *numbers)],
        anywhere=[said, *numbers],
    )


def folded(text: str) -> str:
    """Lower case of any script, every run of white space a single space."""
    return " ".join(text.casefold().split())


def digits(phone: str) -> str:
    """What of a phone does not depend on who wrote it down."""
    return "".join(character for character in phone if character in "0123456789")


def phones(typed: str) -> list[str]:
    """What occurs in a line of a phone's digits if it is the one that is meant."""
    return [
        f"{number}{LINE}" if len(number) >= NATIONAL_MIN else f"{LINE}{number}{LINE}"
        for number in _numbers(typed)
    ]


def _numbers(typed: str) -> list[str]:
    """How the digits may stand in a stored phone: without 00, without a trunk prefix."""
    said = typed.strip()
    number = digits(said)
    if len(number) < DIGITS_MIN or not _PHONE.fullmatch(said):
        return []
    if not said.startswith("+") and len(number) == _TRUNK_DIGITS and number.startswith("8"):
        return [f"7{number[1:]}", number]
    return [number.lstrip("0") or number]


def _split(names: Iterable[str]) -> list[str]:
    return [word for name in names for word in name.split(" ")]
