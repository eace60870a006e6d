"""What can be wrong with a file of events.

FileError
├── UnreadableFileError    nothing (more) can be read from it: the command ends
├── WrongFormatError       its first line is not that of the format: the command ends
└── UnknownFormatError     no reader has that name: the command ends
MalformedLineError         one line is refused and reported; the rest goes on
"""

from collections.abc import Iterable


class FileError(Exception):
    """The file as a whole cannot be used; the message is one line for people."""

    code: str


class UnreadableFileError(FileError):
    """Absent, a folder, forbidden, or a damaged gzip."""

    code = "unreadable_file"


class WrongFormatError(FileError):
    """The first line lacks the format's columns."""

    code = "wrong_format"


class UnknownFormatError(FileError):
    """The format's name is none of ours."""

    code = "unknown_format"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"unknown format {name!r}: choose one of {', '.join(known)}")
        self.name = name


class MalformedLineError(Exception):
    """A line that says nothing we understand."""

    code = "malformed_line"
