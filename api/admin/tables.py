"""A report as CSV, for spreadsheets: the same lines as the JSON, flat."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins so; an apostrophe makes it text."""

NUMBER: Final = re.compile(r"[+-][0-9]+(\.[0-9]+)?")


def response(rows: Sequence[Mapping[str, object]], *, columns: Sequence[str]) -> Response:
    """Answer with a table; a column that a row has not is empty."""
    written = text([], header=columns) + text(rows, columns=columns)
    return Response(written, media_type="text/csv")


def text(
    rows: Sequence[Mapping[str, object]],
    *,
    columns: Sequence[str] = (),
    header: Sequence[str] = (),
) -> str:
    """Write a part of a table: its header, or rows."""
    written = io.StringIO()
    table = csv.writer(written)
    if header:
        table.writerow(header)
    table.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return written.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    said = str(value)
    is_formula = isinstance(value, str) and said.startswith(FORMULA)
    # A number or a phone is none, and must come back as it is where the table is read again.
    return f"'{said}" if is_formula and not NUMBER.fullmatch(said) else said
