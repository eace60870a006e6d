"""Problem documents (RFC 9457), with `code` and `message` besides.

Some trackers stop retrying only when both of those are there.

`exception_handlers=HANDLERS` makes an application answer its refusals, 404 and 405 with them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.errors import ProblemError
from engine.errors import Flaw

MEDIA_TYPE: Final = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """The document."""

    type: str = "about:blank"
    """The status says it all; what is special is in `code`."""
    title: str
    status: int
    code: str
    """Stable, for programs."""
    message: str
    """For people."""
    errors: tuple[Flaw, ...] = ()


def response(
    status: int,
    code: str,
    message: str,
    *,
    flaws: Sequence[Flaw] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a problem document."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        message=message,
        errors=tuple(flaws),
    )
    return Response(
        msgspec.json.encode(problem), status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def of_error(error: ProblemError, *, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with what was raised; its own headers go before those given."""
    return response(
        error.status,
        error.code,
        str(error),
        flaws=error.flaws,
        headers={**(headers or {}), **error.headers},
    )


async def _answer_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return of_error(error)


async def _answer_http(_: Request, error: Exception) -> Response:
    """What Starlette refuses by itself: no such path, no such method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return response(status, status.name.lower(), error.detail, headers=error.headers)


HANDLERS: Final[Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]] = {
    ProblemError: _answer_problem,
    HTTPException: _answer_http,
}
