"""Counts requests and times them, by the pattern of the route."""

import time

from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import telemetry

UNROUTED = "none"
"""Stands for every path there is no route for: a label must not grow with what strangers type."""


class Measuring:
    """Outside of everything else, so that refusals count too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note status and time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            route = _pattern(scope.get("route"))
            telemetry.REQUESTS.labels(route, _method(scope), str(status)).inc()
            telemetry.REQUEST_SECONDS.labels(route).observe(time.perf_counter() - began)


def _pattern(route: BaseRoute | None) -> str:
    return str(getattr(route, "path", UNROUTED))


def _method(scope: Scope) -> str:
    known = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}
    return scope["method"] if scope["method"] in known else "other"
