"""The door of `/api`: the token first, then no foreign page; then the path is made whole."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api import paths, problems
from api.admin import access

PREFIX = "/api"


class Guard:
    """Nothing under `/api` is reached without the token, not even a 404."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] != "http" or not _is_ours(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not access.has_token(headers, self._token):
            refusal = problems.response(
                401,
                "unauthorized",
                "send the admin token: Authorization: Bearer TOKEN",
                headers={"www-authenticate": "Bearer"},
            )
        elif access.is_foreign(scope["method"], headers):
            refusal = problems.response(
                403, "foreign_origin", "a page of another origin may not change anything here"
            )
        else:
            refusal = None
            try:
                scope["path"] = paths.whole(scope)
            except UnicodeDecodeError:
                refusal = problems.response(400, "invalid_path", "the path is no UTF-8")
        await (refusal or self._app)(scope, receive, send)


def _is_ours(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")
