"""The SMTP server and the sender, as the settings name them."""

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

import msgspec

from channels.errors import InvalidAddressError

Security: TypeAlias = Literal["none", "starttls", "tls"]

_SCHEMES: Final[dict[str, tuple[Security, int]]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """Where mail is handed in."""

    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = None


def server(url: str) -> Server:
    """Read `smtp://user:password@host:port`, `smtps://` or `smtp+starttls://`.

    Raises:
        InvalidAddressError: one line that says what is wrong, without the password.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidAddressError(f"smtp_url: {error}") from error
    if parts.scheme not in _SCHEMES:
        raise InvalidAddressError(
            f"smtp_url: {parts.scheme!r} is none of smtp://, smtps://, smtp+starttls://"
        )
    if not parts.hostname:
        raise InvalidAddressError("smtp_url: the host is missing")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise InvalidAddressError("smtp_url: nothing may follow the port")
    if (parts.username is None) != (parts.password is None):
        raise InvalidAddressError("smtp_url: user and password go together")
    security, usual_port = _SCHEMES[parts.scheme]
    return Server(
        host=parts.hostname,
        port=port or usual_port,
        security=security,
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def sender(text: str) -> Address:
    """Read `Shop <news@shop.example>`.

    Raises:
        InvalidAddressError: not an address.
    """
    name, address = parseaddr(text)
    try:
        return mailbox(address, name=name)
    except ValueError as error:
        raise InvalidAddressError(f"mail_from: {error}") from error


def mailbox(address: str, *, name: str = "") -> Address:
    """Read one address in ASCII; what else servers take is up to SMTPUTF8, which few speak.

    Raises:
        ValueError: not an address; the text does not repeat it.
    """
    if not address.isascii() or not address.isprintable() or " " in address:
        raise ValueError("the address has characters that none may have")
    try:
        parsed = Address(display_name=name, addr_spec=address)
    except (HeaderParseError, IndexError, ValueError) as error:
        raise ValueError("the address is not of the form name@domain") from error
    if not parsed.username or not parsed.domain:
        raise ValueError("the address is not of the form name@domain")
    return parsed
