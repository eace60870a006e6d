"""A report as CSV, for spreadsheets: the same lines as the JSON, flat."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that begins so; an apostrophe makes it text."""


def response(rows: Sequence[Mapping[str, object]], *, columns: Sequence[str]) -> Response:
    """Answer with a table; a column that a row has not is empty."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return Response(text.getvalue(), media_type="text/csv")


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
