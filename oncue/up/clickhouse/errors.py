"""What a request can fail with: always ClickHouse's code and text, so that clients recognise it.

ClickHouseError
├── OutfileRefusedError     a statement that names a file of this machine
├── ReadonlyError           a statement that is no read, under `readonly`
├── SeveralStatementsError  two statements in one request
└── UnsupportedError        something a real server could do and this one cannot
"""

import re
from typing import Final

_CODE: Final = re.compile(r"Code: (\d+)\. ")

UNKNOWN_EXCEPTION: Final = 1002

_STATUS_OF_CODE: Final = {
    **dict.fromkeys((6, 26, 27, 38, 41, 43, 53, 62, 69, 72, 117, 386, 457, 488), 400),
    **dict.fromkeys((16, 46, 47, 50, 56, 60, 63, 71, 73, 78, 79, 80, 81, 115), 404),
    48: 501,
    159: 408,
    223: 400,
    358: 403,
}
"""ClickHouse's own table as far as we meet it; readonly (164) and all others answer 500. Clients
repeat 429, 503 and 504, and none of these is better the second time."""


class ClickHouseError(Exception):
    """A statement that failed; `code` is ClickHouse's."""

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    @property
    def status(self) -> int:
        """HTTP's answer to this code."""
        return _STATUS_OF_CODE.get(self.code, 500)


class OutfileRefusedError(ClickHouseError):
    """The engine would write the file even for a read-only request."""

    def __init__(self) -> None:
        super().__init__(
            _text(358, "INTO OUTFILE is not allowed", "INTO_OUTFILE_NOT_ALLOWED"), code=358
        )


class ReadonlyError(ClickHouseError):
    """The engine refuses most of these itself, though not all: `SYSTEM STOP MERGES` runs."""

    def __init__(self) -> None:
        super().__init__(_text(164, "Cannot execute query in readonly mode", "READONLY"), code=164)


class SeveralStatementsError(ClickHouseError):
    """The engine would run them all; a real server runs none."""

    def __init__(self) -> None:
        super().__init__(_text(62, "Multi-statements are not allowed", "SYNTAX_ERROR"), code=62)


class UnsupportedError(ClickHouseError):
    """Meant for a real server."""

    def __init__(self, what: str) -> None:
        super().__init__(
            _text(48, f"{what} is not supported by the embedded server", "NOT_IMPLEMENTED"), code=48
        )
        self.what = what


def of_engine(text: str) -> ClickHouseError:
    """Read the code from what the engine says, dropping what chdb wrapped around it."""
    found = _CODE.search(text)
    if found is None:
        return ClickHouseError(text, code=UNKNOWN_EXCEPTION)
    return ClickHouseError(text[found.start() :].strip(), code=int(found.group(1)))


def _text(code: int, what: str, name: str) -> str:
    return f"Code: {code}. DB::Exception: {what}. ({name})"
