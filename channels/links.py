"""Links that come back to us: pixel, click, unsubscribe, download. Signed, each for one purpose.

A token says everything the answer needs, so nothing is looked up and nothing is taken from the
query; where a click goes stands inside the signature. What is signed is readable by anybody.
"""

import hashlib
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec
from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from channels.errors import InvalidTokenError

Purpose: TypeAlias = Literal["open", "click", "unsubscribe", "download"]

LONGEST_URL_CHARS: Final = 2_000
"""A longer destination is left as it is; the oldest mail programs end there."""

LONGEST_TOKEN_CHARS: Final = 4_096
"""What a request may carry; ours are about 180 plus at most four thirds of the destination."""

_PATHS: Final[dict[Purpose, str]] = {
    "open": "o",
    "click": "c",
    "unsubscribe": "u",
    "download": "d",
}


class Origin(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The message a link stands in; by position in a token, since names would cost a third."""

    message_id: str
    customer_key: str
    """Row key: the log the response goes to."""
    campaign: str
    channel: str
    template: str
    template_version: int


class Click(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One link of a message, and where it leads."""

    origin: Origin
    index: int
    """Place among the links of the message, from 0."""
    url: str


class Download(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What is known of somebody, for themselves."""

    customer: str
    """Public id."""
    expires_at: int
    """Epoch ms; whoever reads the token looks at the clock."""


T = TypeVar("T", Origin, Click, Download)


class Links:
    """Makes and reads tokens. The last secret signs, every one of them is believed."""

    def __init__(self, *, secrets: Sequence[str], public_url: str) -> None:
        if not secrets or not all(secrets):
            raise ValueError("a link needs a secret to be signed with")
        self._base = public_url.rstrip("/")
        self._serializers = {purpose: _serializer(secrets, purpose) for purpose in _PATHS}

    def open_url(self, origin: Origin) -> str:
        """Make the address of the pixel."""
        return self._url("open", origin)

    def click_url(self, origin: Origin, *, index: int, url: str) -> str:
        """Make the address that leads on to `url`.

        Raises:
            ValueError: `may_lead_to` does not allow it.
        """
        if not may_lead_to(url):
            raise ValueError(f"a click may not lead to {url!r}")
        return self._url("click", Click(origin=origin, index=index, url=url))

    def unsubscribe_url(self, origin: Origin) -> str:
        """Make the address that withdraws the consent the message was sent under."""
        return self._url("unsubscribe", origin)

    def opened(self, token: str) -> Origin:
        """Read the token of a pixel.

        Raises:
            InvalidTokenError: not one.
        """
        return self._load("open", token, Origin)

    def clicked(self, token: str) -> Click:
        """Read the token of a click.

        Raises:
            InvalidTokenError: not one.
        """
        click = self._load("click", token, Click)
        if not may_lead_to(click.url):
            raise InvalidTokenError
        return click

    def unsubscribed(self, token: str) -> Origin:
        """Read the token of an unsubscribe link.

        Raises:
            InvalidTokenError: not one.
        """
        return self._load("unsubscribe", token, Origin)

    def download_url(self, download: Download) -> str:
        """Make the address under which customers find what is known of them."""
        return self._url("download", download)

    def downloaded(self, token: str) -> Download:
        """Read the token of a download; it may have expired.

        Raises:
            InvalidTokenError: not one.
        """
        return self._load("download", token, Download)

    def _url(self, purpose: Purpose, link: Origin | Click | Download) -> str:
        token = self._serializers[purpose].dumps(msgspec.to_builtins(link))
        return f"{self._base}/{_PATHS[purpose]}/{token}"

    def _load(self, purpose: Purpose, token: str, form: type[T]) -> T:
        if len(token) > LONGEST_TOKEN_CHARS or not _is_canonical(token):
            raise InvalidTokenError
        try:
            return msgspec.convert(self._serializers[purpose].loads(token), form)
        except (BadData, msgspec.ValidationError) as error:
            raise InvalidTokenError from error


def may_lead_to(url: str) -> bool:
    """Whether a click may go there: http or https, a host, no user name, nothing invisible."""
    if len(url) > LONGEST_URL_CHARS or "\\" in url or " " in url or not url.isprintable():
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def _serializer(secrets: Sequence[str], purpose: Purpose) -> URLSafeSerializer:
    return URLSafeSerializer(
        list(secrets),
        salt=f"oncue.links.{purpose}",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )


def _is_canonical(token: str) -> bool:
    """Whether the signature is spelt as we do: its last character has two bits to spare."""
    signature = token.rpartition(".")[2]
    try:
        return base64_encode(base64_decode(signature)).decode() == signature
    except BadData:
        return False
