"""Security headers on every answer; who may see the pages and metrics."""

import base64
import binascii
import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import settings

POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # A link that is clicked must not carry a page's address with somebody's id in it.
    "referrer-policy": "no-referrer",
}
NOT_KEPT: Final = {"cache-control": "no-store"}
"""Of the administration: a shared browser or a proxy must not keep customers."""

HSTS: Final = {"strict-transport-security": "max-age=31536000"}
"""Only where the public address is https: elsewhere it would lock people out."""


class SecurityHeaders:
    """Adds what an answer does not say itself."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self._app = app
        self._headers = HEADERS | (HSTS if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add to the head of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_private = scope["path"].startswith("/api")
        added = self._headers | (NOT_KEPT if is_private else {})

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def may_look(headers: Headers, *, listens_on: str, token: str) -> bool:
    """Whether the page and the metrics may be seen without or with the token given.

    Open on this machine only. The Host is looked at too: a foreign page may point a name of its
    own at 127.0.0.1, and a proxy passes on the public name it was asked by.
    """
    if settings.is_loopback(listens_on) and settings.is_loopback(_asked_for(headers)):
        return True
    return hmac.compare_digest(_password(headers).encode(), token.encode())


def _asked_for(headers: Headers) -> str:
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""


def _password(headers: Headers) -> str:
    """The bearer token, or the password a browser asked for under any user name."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
