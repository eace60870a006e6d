"""Chunks of bytes to numbered lines."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from engine.intake.files.errors import UnreadableFileError

LINE_MAX_BYTES: Final = 256 * 1024
"""A longer line is passed over, unread: no object of ours is as large."""

UTF8_MARK: Final = b"\xef\xbb\xbf"
UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class Line(NamedTuple):
    """One line without its end."""

    number: int
    content: bytes
    is_whole: bool
    """False: longer than `LINE_MAX_BYTES`, and left out."""


class Lines:
    """Keeps the beginning of a line until its end arrives."""

    def __init__(self) -> None:
        self._number = 0
        self._rest = b""
        self._is_passing = False

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that end in this chunk.

        Raises:
            UnreadableFileError: `not_utf8`, by its first bytes.
        """
        *ended, self._rest = (self._rest + chunk).split(b"\n")
        for content in ended:
            yield self._line(content)
        if len(self._rest) > LINE_MAX_BYTES:
            self._is_passing = True
            self._rest = b""

    def finish(self) -> Iterator[Line]:
        """Yield a last line without an end; errors as `feed`."""
        if self._rest or self._is_passing:
            yield self._line(self._rest)
        self._rest = b""

    def _line(self, content: bytes) -> Line:
        self._number += 1
        is_whole = not self._is_passing and len(content) <= LINE_MAX_BYTES
        self._is_passing = False
        if self._number == 1:
            content = _unmarked(content)
        return Line(self._number, content.removesuffix(b"\r") if is_whole else b"", is_whole)


def _unmarked(first: bytes) -> bytes:
    if first.startswith(UTF16_MARKS):
        raise UnreadableFileError("not_utf8", "the file is UTF-16: save it as UTF-8")
    return first.removeprefix(UTF8_MARK)
