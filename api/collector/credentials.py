"""Who may send what: write keys are public and for events, secret keys are the back office's."""

import base64
import binascii
import hmac
from typing import Final

import msgspec
from starlette.datastructures import Headers

from api.errors import ProblemError

CHALLENGE: Final = {"www-authenticate": "Bearer"}
"""Not Basic, though that is taken too: browsers would ask their user for a password."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One credential."""

    name: str
    """What events call their source; the value stays with us."""
    value: str
    is_secret: bool = False
    """May send receipts as well: those change what a customer is worth."""


class Keys:
    """All credentials of an installation; a value is compared with each, in constant time."""

    def __init__(self, *keys: Key) -> None:
        self._keys = [(key, key.value.encode()) for key in keys if key.value]

    def find(self, value: str) -> Key | None:
        """The key of this value, without telling by the time taken how close it was."""
        given = value.encode(errors="surrogatepass")
        found = None
        for key, expected in self._keys:
            if hmac.compare_digest(given, expected):
                found = key
        return found

    def check(self, value: str | None, *, is_secret: bool = False) -> Key:
        """Find the key, or refuse.

        Raises:
            ProblemError: 401 `missing_key`, `invalid_key`, `secret_key_required`.
        """
        if not value:
            raise ProblemError(
                401,
                "missing_key",
                "send the write key as Basic user name, as Bearer token or as writeKey in the body",
                headers=CHALLENGE,
            )
        key = self.find(value)
        if key is None:
            raise ProblemError(401, "invalid_key", "nobody has this key", headers=CHALLENGE)
        if is_secret and not key.is_secret:
            raise ProblemError(
                401,
                "secret_key_required",
                "a write key is public: the back office has a secret one",
                headers=CHALLENGE,
            )
        return key


def from_headers(headers: Headers) -> str | None:
    """The key a request carries in `Authorization`; None if none, so that the body may have it.

    Raises:
        ProblemError: 401 `invalid_key`, a Basic header nobody can read.
    """
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(given.strip(), validate=True).decode().partition(":")[0] or None
    except (binascii.Error, ValueError):
        raise ProblemError(
            401, "invalid_key", "the Basic header is no base64", headers=CHALLENGE
        ) from None


def from_body(*candidates: object) -> str | None:
    """The first of `writeKey` and `api_key` that is text."""
    return next((value for value in candidates if isinstance(value, str) and value), None)
