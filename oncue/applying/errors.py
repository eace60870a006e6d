"""What ends such a command before its end.

ApplyingError            nobody answers, the answer is no, or a file cannot be read or written
├── RefusedError         the API refuses one definition, and says where
│   └── MovedOnError     somebody changed it since it was read
└── WrongFilesError      files are refused; nothing was changed
"""

from collections.abc import Sequence


class ApplyingError(Exception):
    """Base of them; the message is for people, a line each."""

    code = "applying_failed"


class RefusedError(ApplyingError):
    """Asked for again as it is, it is refused again."""

    code = "refused"


class MovedOnError(RefusedError):
    """Read again, it may be taken."""

    code = "moved_on"


class WrongFilesError(ApplyingError):
    """Every flaw is a line with its file and place."""

    code = "wrong_files"

    def __init__(self, flaws: Sequence[str]) -> None:
        super().__init__("\n".join(flaws))
        self.flaws = list(flaws)
