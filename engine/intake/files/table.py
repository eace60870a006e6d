"""CSV: a header, then rows; the rows of one receipt are one object.

id,total,lines.productId,lines.quantity
r1,79.80,k-1,1        ─┐
r1,79.80,k-2,2        ─┴─▶ {"id": "r1", "total": "79.80", "lines": [{...}, {...}]}
r2,9.90,k-1,1         ───▶ ...
"""

import csv
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from engine.errors import RejectedError
from engine.intake import values
from engine.intake.files import columns, ndjson
from engine.intake.files.errors import UnreadableFileError
from engine.intake.files.items import Item, Refused
from engine.intake.files.lines import LINE_MAX_BYTES, Line, Lines

DELIMITERS: Final = (",", ";", "\t")

CELL_LINES_MAX: Final = 200
"""Of a row, line breaks in its cells included; a quotation mark too many swallows no more."""

FINISHED_MAX: Final = 100_000
"""Objects remembered, so that rows of one that come later are seen; about 100 bytes each."""


class Grouping(NamedTuple):
    """Rows with the same keys, one after the other, are one object with a list."""

    keys: tuple[str, ...]
    repeated: str


GROUPINGS: Final[Mapping[str, Grouping]] = {
    "receipts": Grouping(("id", "updatedAt"), "lines"),
    "orders": Grouping(("id", "updatedAt"), "lines"),
    "bonus-balances": Grouping(("customerId", "updatedAt"), "expiring"),
}
"""By kind of the back office."""

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class Group(msgspec.Struct):
    """The object that is being read; changes in place."""

    line: int
    key: tuple[str, ...]
    fields: dict[str, object]
    size_bytes: int = 0
    problem: Refused | None = None


class Table:
    """A `Reader` of CSV."""

    def __init__(self, kind: str) -> None:
        self._grouping = GROUPINGS.get(kind)
        self._lines = Lines()
        self._columns: tuple[columns.Column, ...] = ()
        self._delimiter = ","
        self._open: list[str] = []
        self._open_at = 0
        self._group: Group | None = None
        self._finished: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def feed(self, chunk: bytes) -> Iterator[Item | Refused]:
        """Yield what is complete now; errors as `Reader.feed`."""
        for line in self._lines.feed(chunk):
            yield from self._of(line)

    def finish(self) -> Iterator[Item | Refused]:
        """Yield what the end completes; errors as `Reader.feed`."""
        for line in self._lines.finish():
            yield from self._of(line)
        if self._open:
            yield self._broken("a quotation mark is never closed")
        yield from self._ended()

    def _of(self, line: Line) -> Iterator[Item | Refused]:
        if not line.is_whole:
            yield ndjson.too_long(line)
            return
        text = self._text(line)
        if isinstance(text, Refused):
            yield text
            return
        if not self._open and not text.strip():
            return
        if not self._columns and not self._open:
            self._begin(text)
            return
        yield from self._row(text, line.number)

    def _text(self, line: Line) -> str | Refused:
        try:
            return line.content.decode()
        except UnicodeDecodeError as error:
            message = f"no UTF-8, byte {error.start + 1} of the line: save the file as UTF-8"
            if not self._columns:
                raise UnreadableFileError("not_utf8", message) from None
            self._open = []
            return Refused(line=line.number, code="not_utf8", message=message, payload=line.content)

    def _begin(self, header: str) -> None:
        self._delimiter = max(DELIMITERS, key=header.count)
        try:
            [cells] = csv.reader([header], delimiter=self._delimiter, strict=True)
        except csv.Error as error:
            raise UnreadableFileError("invalid_header", f"the header: {error}") from None
        self._columns = columns.of_header(cells)
        if not any(self._is_repeated(column) for column in self._columns):
            self._grouping = None

    def _row(self, text: str, number: int) -> Iterator[Item | Refused]:
        """Take a line; a quoted cell may go on in the next."""
        is_open = bool(self._open)
        if not is_open:
            self._open_at = number
        self._open.append(text)
        # Without a quotation mark it cannot be the end of what one began.
        if is_open and '"' not in text and len(self._open) < CELL_LINES_MAX:
            return
        try:
            [cells] = csv.reader(
                [f"{part}\n" for part in self._open], delimiter=self._delimiter, strict=True
            )
        except csv.Error as error:
            if "unexpected end" in str(error):
                if len(self._open) >= CELL_LINES_MAX:
                    yield self._broken("a quotation mark is never closed")
                return
            yield self._broken(str(error))
            return
        payload = "\n".join(self._open)
        self._open = []
        yield from self._cells(cells, payload)

    def _broken(self, message: str) -> Refused:
        payload = "\n".join(self._open).encode()
        self._open = []
        return Refused(line=self._open_at, code="invalid_csv", message=message, payload=payload)

    def _cells(self, cells: list[str], payload: str) -> Iterator[Item | Refused]:
        line, raw = self._open_at, payload.encode()
        if len(cells) != len(self._columns):
            message = f"{len(cells)} cells under {len(self._columns)} columns"
            yield Refused(line=line, code="invalid_csv", message=message, payload=raw)
            return
        key = self._key(cells)
        if self._group is None or not key or key != self._group.key:
            yield from self._ended()
            self._group = Group(line=line, key=key, fields={})
            if key in self._finished:
                message = "rows of one object stand together: this one ended before"
                self._group.problem = Refused(line=line, code="scattered_rows", message=message)
        self._add(self._group, cells, line=line, payload=raw)

    def _key(self, cells: list[str]) -> tuple[str, ...]:
        """Empty where each row is an object of its own."""
        if self._grouping is None:
            return ()
        named = {column.name: cell for column, cell in zip(self._columns, cells, strict=True)}
        if not named.get(self._grouping.keys[0]):
            return ()
        return tuple(named.get(name, "") for name in self._grouping.keys)

    def _add(self, group: Group, cells: list[str], *, line: int, payload: bytes) -> None:
        group.size_bytes += len(payload)
        if group.problem is not None:
            return
        if group.size_bytes > LINE_MAX_BYTES:
            message = f"its rows have more than {LINE_MAX_BYTES} bytes"
            group.problem = Refused(line=group.line, code="message_too_large", message=message)
            return
        try:
            self._fill(group, cells)
        except RejectedError as error:
            group.problem = Refused(
                line=line, code=error.code, message=str(error), path=error.path, payload=payload
            )

    def _fill(self, group: Group, cells: list[str]) -> None:
        repeated: dict[str, object] = {}
        for column, cell in zip(self._columns, cells, strict=True):
            if not cell:
                continue
            value = column.value(cell)
            if self._is_repeated(column):
                _put(repeated, column.path[1:], value)
            elif not _put(group.fields, column.path, value):
                raise RejectedError(
                    "conflicting_rows",
                    f"{values.shown(cell)} here, something else in a row above",
                    path=column.name,
                )
        if self._grouping is not None and repeated:
            listed = group.fields.setdefault(self._grouping.repeated, [])
            assert isinstance(listed, list)
            listed.append(repeated)

    def _is_repeated(self, column: columns.Column) -> bool:
        head, *rest = column.path
        return self._grouping is not None and head == self._grouping.repeated and bool(rest)

    def _ended(self) -> Iterator[Item | Refused]:
        group, self._group = self._group, None
        if group is None:
            return
        if group.key:
            self._finished[group.key] = None
            if len(self._finished) > FINISHED_MAX:
                self._finished.popitem(last=False)
        if group.problem is not None:
            yield group.problem
        else:
            yield Item(line=group.line, payload=_encode(group.fields))


def _put(fields: dict[str, object], path: tuple[str, ...], value: object) -> bool:
    """Put a value in its place; False: another stands there."""
    *parents, name = path
    for parent in parents:
        inner = fields.setdefault(parent, {})
        assert isinstance(inner, dict)
        fields = inner
    return fields.setdefault(name, value) == value
