"""Comma-separated lines, each read on its own: a stray quote spoils one line and not the rest."""

import csv
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from oncue.formats.errors import MalformedLineError, WrongFormatError


def cells(text: str) -> list[str]:
    """Split one line.

    Raises:
        MalformedLineError: a quote is opened and not closed.
    """
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise MalformedLineError(str(error)) from error


class Columns(NamedTuple):
    """Which cells of a row are wanted, and how many a whole row has."""

    places: tuple[int, ...]
    width: int

    def pick(self, text: str) -> list[str]:
        """The wanted cells of a line.

        Raises:
            MalformedLineError: more or fewer cells than in the header.
        """
        row = cells(text)
        if len(row) != self.width:
            raise MalformedLineError(f"{len(row)} cells instead of {self.width}")
        return [row[place] for place in self.places]


def columns(header: Sequence[str], wanted: Sequence[str]) -> Columns:
    """Find the wanted columns in a header, in whatever order they stand.

    Raises:
        WrongFormatError: naming the columns that are missing.
    """
    missing = [name for name in wanted if name not in header]
    if missing:
        raise WrongFormatError(f"the first line has no column {', '.join(missing)}")
    return Columns(tuple(header.index(name) for name in wanted), len(header))


def required(name: str, text: str) -> str:
    """A cell that must say something.

    Raises:
        MalformedLineError: it is empty.
    """
    if not text:
        raise MalformedLineError(f"{name} is empty")
    return text


def price(text: str) -> str:
    """Check an amount and keep its text, since money is never a float.

    Raises:
        MalformedLineError: not a number of 0 or more.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise MalformedLineError(f"price {text!r} is no number") from error
    if not amount.is_finite() or amount < 0:
        raise MalformedLineError(f"price {text!r} is no amount")
    return text
