"""What comes out of a file."""

from collections.abc import Iterator
from typing import Literal, Protocol, TypeAlias

import msgspec

Format: TypeAlias = Literal["csv", "ndjson"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An object, as JSON, and the line it begins at."""

    line: int
    payload: bytes


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that are no object; nothing else is lost by them."""

    line: int
    code: str
    message: str
    path: str = ""
    """The column, where it is one's."""
    payload: bytes = b""


class Reader(Protocol):
    """Takes a file in chunks of any size; keeps no more than one object of it."""

    def feed(self, chunk: bytes) -> Iterator[Item | Refused]:
        """Yield what is complete now.

        Raises:
            UnreadableFileError: the file as a whole is none of this format.
        """

    def finish(self) -> Iterator[Item | Refused]:
        """Yield what the end completes; errors as `feed`."""
