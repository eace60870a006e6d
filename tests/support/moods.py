"""A server's bad days: what stands before the collector and sometimes answers itself."""

import asyncio
from collections import deque
from typing import Final

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CORS: Final = {"access-control-allow-origin": "*", "access-control-expose-headers": "retry-after"}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request that came, whatever became of it."""

    method: str
    path: str
    headers: dict[str, str]


class Moody:
    """Passes requests on; those that bring messages meet the next mood first, if there is one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._moods: deque[Response] = deque()
        self.calls: list[Call] = []
        self.may_pass = asyncio.Event()
        """While unset, messages reach the collector, but nobody hears of it."""
        self.may_pass.set()

    def refuse(self, status: int, *, times: int = 1, retry_after: int | None = None) -> None:
        """Answer the next requests with this instead of passing them on."""
        headers = dict(CORS)
        if retry_after is not None:
            headers["retry-after"] = str(retry_after)
        self._moods.extend(Response(status_code=status, headers=headers) for _ in range(times))

    def posted(self) -> list[Call]:
        """The requests that brought messages."""
        return [call for call in self.calls if call.method == "POST"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        headers = dict(Headers(scope=scope).items())
        self.calls.append(Call(method=scope["method"], path=scope["path"], headers=headers))
        if scope["method"] != "POST":
            await self._app(scope, receive, send)
        elif self._moods:
            await self._moods.popleft()(scope, receive, send)
        else:
            await self._app(scope, receive, self._late(send))

    def _late(self, send: Send) -> Send:
        async def when_allowed(message: Message) -> None:
            await self.may_pass.wait()
            await send(message)

        return when_allowed
