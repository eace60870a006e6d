"""Where SQL ends and data begins, and what a statement will answer. Not a parser: the engine is."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from oncue.up.clickhouse.errors import OutfileRefusedError, SeveralStatementsError

_TOKEN: Final = re.compile(
    rb"""--[^\n]* | \#[!\ ][^\n]* | /\*.*?\*/
       | (?P<token> '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*` | \w+ | [^\s\w] )""",
    re.VERBOSE | re.DOTALL,
)
"""Comments match outside the group, so that they are no tokens."""
_DATA_START: Final = re.compile(rb"[ \t\f]*\r?\n?")
_OUTFILE: Final = re.compile(rb"\boutfile\b", re.IGNORECASE)
_READS: Final = frozenset(
    {b"SELECT", b"WITH", b"SHOW", b"DESCRIBE", b"DESC", b"EXISTS", b"EXPLAIN", b"CHECK"}
)

Token = tuple[bytes, int]
"""A token and the place where it ends."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement, cut from the data that follows it."""

    sql: str
    format: str | None = None
    """Named by the statement itself; an insert with data has it cut off `sql`."""
    data: bytes | None = None
    """What an `INSERT ... FORMAT name` brings along, encoded in that format."""
    is_read: bool


def split(text: bytes) -> Statement:
    """Cut a request's text as the server does: data begins after the format's line.

    Raises:
        OutfileRefusedError: the word OUTFILE stands anywhere in the SQL, even quoted: telling
            the clause from a string would take the engine's own parser, and being wrong once
            means a file written. Values belong into parameters.
        SeveralStatementsError: something follows a semicolon.
    """
    tokens = _tokens(text)
    first, _ = next(tokens, (b"", 0))
    if first.upper() == b"INSERT":
        return _insert(text, tokens)
    _refuse_outfile(text)
    rest = [token for token, _ in tokens]
    _refuse_several(rest)
    opening = next((token for token in (first, *rest) if token != b"("), b"")
    return Statement(
        sql=text.decode(), format=_trailing_format(rest), is_read=opening.upper() in _READS
    )


def _insert(text: bytes, tokens: Iterator[Token]) -> Statement:
    for token, end in tokens:
        word = token.upper()
        if word in {b"VALUES", b"SELECT", b"WITH"}:
            break
        if word == b"FORMAT":
            name, name_end = next(tokens, (b"", end))
            return _insert_with_data(text, sql_end=end - len(token), name=name, name_end=name_end)
    _refuse_outfile(text)
    return Statement(sql=text.decode(), is_read=False)


def _insert_with_data(text: bytes, *, sql_end: int, name: bytes, name_end: int) -> Statement:
    _refuse_outfile(text[:sql_end])
    gap = _DATA_START.match(text, name_end)
    data_start = gap.end() if gap else name_end
    sql = text[:sql_end].decode()
    return Statement(sql=sql, format=name.decode(), data=text[data_start:], is_read=False)


def _trailing_format(tokens: Sequence[bytes]) -> str | None:
    """Find `FORMAT name` at the end or before SETTINGS; a column may be called format, too."""
    for at in range(len(tokens) - 1, 0, -1):
        is_last = at + 1 == len(tokens) or tokens[at + 1].upper() in {b"SETTINGS", b";"}
        if is_last and tokens[at - 1].upper() == b"FORMAT":
            return tokens[at].decode()
    return None


def _tokens(text: bytes) -> Iterator[Token]:
    for found in _TOKEN.finditer(text):
        if found.lastgroup is not None:
            yield found.group(), found.end()


def _refuse_several(tokens: Sequence[bytes]) -> None:
    if b";" in tokens and any(token != b";" for token in tokens[tokens.index(b";") :]):
        raise SeveralStatementsError


def _refuse_outfile(sql: bytes) -> None:
    if _OUTFILE.search(sql):
        raise OutfileRefusedError
