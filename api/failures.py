"""What the parts below raise, as answers: later is 503, too much is 400, the rest is a 500."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

import clickhouse.errors
import streams.errors
import tables.errors
from api import problems

log = structlog.get_logger(__name__)

Handler = Callable[[Request, Exception], Awaitable[Response]]


async def _later(_: Request, error: Exception) -> Response:
    retry_after_ms = int(getattr(error, "retry_after_ms", 1_000))
    headers = {"retry-after": str(max(-(-retry_after_ms // 1_000), 1))}
    code = str(getattr(error, "code", "unavailable"))
    return problems.response(503, code, str(error), headers=headers)


async def _too_much(_: Request, error: Exception) -> Response:
    code = str(getattr(error, "code", "refused"))
    return problems.response(400, code, str(error))


async def _bug(request: Request, error: Exception) -> Response:
    """The cause is in the log; an answer must not tell strangers how we are built."""
    route = getattr(request.scope.get("route"), "path", "")
    log.error("request_failed", route=route, method=request.method, exc_info=error)
    code = str(getattr(error, "code", "internal_error"))
    return problems.response(500, code, "something is wrong here; the log says what")


HANDLERS: Final[Mapping[type[Exception], Handler]] = {
    **problems.HANDLERS,
    streams.errors.RetryError: _later,
    streams.errors.FatalProduceError: _later,
    clickhouse.errors.RetryError: _later,
    clickhouse.errors.ClickHouseRefusedError: _later,
    clickhouse.errors.RejectError: _too_much,
    tables.errors.RetryError: _later,
    Exception: _bug,
}
"""By class; the nearest ancestor counts."""
