"""What the API refuses. The status is the fate: 4xx reject, 503 retry; a crash is no error of ours.

ApiError
├── ProblemError         answered as a problem document, with whatever status and code it carries
└── WrongSettingError    the process does not start
"""

from collections.abc import Mapping, Sequence

from engine.errors import Flaw


class ApiError(Exception):
    """Base of every error the API raises on purpose."""

    code: str


class ProblemError(ApiError):
    """Ends a request with this status; see `api.problems`."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        flaws: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.flaws = tuple(flaws)
        self.headers = dict(headers or {})


class WrongSettingError(ApiError):
    """A setting that cannot be understood."""

    code = "wrong_setting"
