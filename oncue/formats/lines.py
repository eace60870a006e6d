"""Numbered lines of a plain or packed file, whatever is in it."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from oncue.formats.errors import UnreadableFileError

LONGEST_BYTES: Final = 1 << 20
"""A longer line is cut there and refused: 32 times what a collector takes for one message."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line without its end."""

    number: int
    content: bytes
    is_whole: bool
    """False: longer than `LONGEST_BYTES`, the rest was passed over."""


def read(path: Path) -> Iterator[Line]:
    """Yield the lines of a file in their order, empty ones too; packed is seen by its first bytes.

    Raises:
        UnreadableFileError: it cannot be opened, or is damaged from some line on.
    """
    number = 0
    try:
        with path.open("rb") as raw:
            stream = _unpacked(raw)
            while content := stream.readline(LONGEST_BYTES):
                number += 1
                is_whole = len(content) < LONGEST_BYTES or content.endswith(b"\n")
                if not is_whole:
                    _pass_over_the_rest(stream)
                if number == 1:
                    content = content.removeprefix(_BYTE_ORDER_MARK)
                yield Line(number, content.rstrip(b"\r\n"), is_whole)
    except FileNotFoundError as error:
        raise UnreadableFileError(f"no such file: {path}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = f"{path} is damaged after line {number}: {error}"
        raise UnreadableFileError(reason) from error
    except OSError as error:
        raise UnreadableFileError(f"cannot read {path}: {error.strerror}") from error


def _unpacked(raw: BinaryIO) -> BinaryIO | gzip.GzipFile:
    is_packed = raw.read(2) == _GZIP_MAGIC
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if is_packed else raw


def _pass_over_the_rest(stream: BinaryIO | gzip.GzipFile) -> None:
    while (part := stream.readline(LONGEST_BYTES)) and not part.endswith(b"\n"):
        pass
