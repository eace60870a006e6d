"""Reading a body: what is too large, too slow or wrongly packed is refused before it is whole."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import ClientDisconnect, Request

from api.collector.inflating import Inflater
from api.errors import ProblemError

DEADLINE_S: Final = 20.0
"""For a whole body. 500 KB in that time is slower than any phone; a trickle is an attack."""

PLAIN: Final = frozenset({"", "identity"})
GZIP: Final = frozenset({"gzip", "x-gzip"})


async def read(request: Request, *, max_bytes: int, deadline_s: float = DEADLINE_S) -> bytes:
    """Read a body of at most `max_bytes`, packed or not.

    Raises:
        ProblemError: 400 `invalid_gzip`, `truncated_body`; 408 `body_timeout`;
            413 `body_too_large`, `ratio_too_high`; 415 `unsupported_encoding`.
    """
    inflater = _inflater(request.headers.get("content-encoding", ""), max_bytes=max_bytes)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise _too_large(max_bytes)
    try:
        async with asyncio.timeout(deadline_s):
            body = await _collected(request, inflater=inflater, max_bytes=max_bytes)
    except TimeoutError:
        raise ProblemError(
            408, "body_timeout", f"the body took longer than {deadline_s:g} s", headers=_CLOSE
        ) from None
    except ClientDisconnect:
        # Nobody reads this answer, but the access log does.
        raise ProblemError(400, "truncated_body", "the connection ended too early") from None
    if inflater is not None:
        inflater.finish()
    return body


async def streamed(request: Request, *, max_bytes: int) -> AsyncIterator[bytes]:
    """Yield a body of any length as it comes, unpacked; at most `max_bytes` of it.

    Raises:
        ProblemError: as `read`, but for the time: that is the caller's.
        ClientDisconnect: it ended too early.
    """
    inflater = _inflater(request.headers.get("content-encoding", ""), max_bytes=max_bytes)
    taken_bytes = 0
    async for chunk in request.stream():
        taken_bytes += len(chunk)
        if taken_bytes > max_bytes:
            raise _too_large(max_bytes)
        if chunk:
            yield chunk if inflater is None else inflater.feed(chunk)
    if inflater is not None:
        inflater.finish()


_CLOSE: Final = {"connection": "close"}
"""What is left of the body must not be taken for the next request."""


async def _collected(request: Request, *, inflater: Inflater | None, max_bytes: int) -> bytes:
    taken_bytes = 0
    chunks = []
    async for chunk in request.stream():
        taken_bytes += len(chunk)
        if taken_bytes > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk if inflater is None else inflater.feed(chunk))
    return b"".join(chunks)


def _inflater(encoding: str, *, max_bytes: int) -> Inflater | None:
    name = encoding.strip().lower()
    if name in PLAIN:
        return None
    if name in GZIP:
        return Inflater(max_bytes=max_bytes)
    raise ProblemError(
        415, "unsupported_encoding", "bodies come plain or as gzip", headers={**_CLOSE, **_ACCEPTED}
    )


_ACCEPTED: Final = {"accept-encoding": "gzip"}


def _too_large(max_bytes: int) -> ProblemError:
    return ProblemError(
        413, "body_too_large", f"the body has more than {max_bytes} bytes", headers=_CLOSE
    )
