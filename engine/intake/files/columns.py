"""The header of a CSV file: which field of an object each column is.

A column is called as the field is in JSON, with points between the levels, and may say a type:
`total`, `traits.email`, `lines.productId`, `traits.age:number`. Cells are text unless told; money
and quantities may be text, and consents are yes or no.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from engine.errors import RejectedError
from engine.intake import values
from engine.intake.files.errors import UnreadableFileError

CellType: TypeAlias = Literal["text", "number", "boolean", "json"]

TYPES: Final[tuple[CellType, ...]] = get_args(CellType)
YES: Final = frozenset({"true", "yes", "1"})
NO: Final = frozenset({"false", "no", "0"})

BOOLEAN_FIELD: Final = "subscriptions"
"""Whose parts are yes or no without being told."""

COLUMNS_MAX: Final = 300

_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_json: Final = msgspec.json.Decoder(float_hook=Decimal)


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """Where a cell goes."""

    name: str
    path: tuple[str, ...]
    type: CellType

    def value(self, cell: str) -> object:
        """Read a cell that is not empty.

        Raises:
            RejectedError: `invalid_cell`.
        """
        match self.type:
            case "text":
                return cell
            case "number" if _NUMBER.fullmatch(cell.strip()):
                return Decimal(cell.strip())
            case "boolean" if cell.strip().lower() in YES | NO:
                return cell.strip().lower() in YES
            case "json":
                return self._json(cell)
            case _:
                raise self._refused(cell)

    def _json(self, cell: str) -> object:
        try:
            return _json.decode(cell)
        except (msgspec.DecodeError, ArithmeticError, RecursionError):
            raise self._refused(cell) from None

    def _refused(self, cell: str) -> RejectedError:
        return RejectedError(
            "invalid_cell", f"{values.shown(cell)} is no {self.type}", path=self.name
        )


def of_header(cells: Sequence[str]) -> tuple[Column, ...]:
    """Read the header.

    Raises:
        UnreadableFileError: `invalid_header`.
    """
    if len(cells) > COLUMNS_MAX:
        raise _wrong(f"{len(cells)} columns; at most {COLUMNS_MAX}")
    columns = tuple(_column(cell.strip(), place) for place, cell in enumerate(cells, 1))
    paths = [column.path for column in columns]
    for column in columns:
        if paths.count(column.path) > 1:
            raise _wrong("it stands there twice", column.name)
        for depth in range(1, len(column.path)):
            if column.path[:depth] in paths:
                raise _wrong("a field has either a value or parts", column.name)
    return columns


def _column(cell: str, place: int) -> Column:
    name, _, kind = cell.partition(":")
    path = tuple(name.split("."))
    if not all(path):
        raise _wrong(f"column {place} has no name", cell)
    if not kind:
        kind = "boolean" if path[0] == BOOLEAN_FIELD and len(path) > 1 else "text"
    for known in TYPES:
        if kind == known:
            return Column(name=name, path=path, type=known)
    raise _wrong(f"{kind!r} is none of {', '.join(TYPES)}", cell)


def _wrong(message: str, column: str = "") -> UnreadableFileError:
    place = f"{column}: " if column else ""
    return UnreadableFileError("invalid_header", f"the header: {place}{message}", path=column)
