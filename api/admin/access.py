"""Who may use the administration: whoever holds the token, from no foreign page."""

import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

OWN_SITES: Final = frozenset({"same-origin", "none"})
"""What a browser says of a request from our own page, or typed in."""


def has_token(headers: Headers, token: str) -> bool:
    """Whether the bearer token is the right one; the time taken does not tell how wrong it is."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    return hmac.compare_digest(given.strip().encode(), token.encode()) and is_bearer


def is_foreign(method: str, headers: Headers) -> bool:
    """Whether a foreign page makes the browser change something here.

    A browser cannot be talked out of Origin or Sec-Fetch-Site; programs send neither.
    """
    if method in SAFE:
        return False
    if headers.get("sec-fetch-site", "none") not in OWN_SITES:
        return True
    origin = headers.get("origin")
    return origin is not None and _host(origin) != headers.get("host")


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
