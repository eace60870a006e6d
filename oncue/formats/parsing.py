"""What each format offers: a look at the first line, then a parser of lines."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

from oncue.formats.entries import Entry


class Parser(Protocol):
    """Reads one line that is not blank."""

    def __call__(self, text: str, *, line: int, message_id: str) -> Entry:
        """Turn the line into its event.

        Raises:
            MalformedLineError: it says nothing we understand.
        """


class Start(NamedTuple):
    """What the first line told."""

    parser: Parser
    has_header: bool
    """The first line names columns and is no event."""


Format: TypeAlias = Callable[[str], Start]
"""From the first line of a file to the parser of its lines.

Raises:
    WrongFormatError: that line is not of this format.
"""
