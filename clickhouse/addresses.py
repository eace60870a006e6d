"""The setting that says where ClickHouse is."""

from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from clickhouse.errors import ClickHouseUrlError

DEFAULT_PORTS: Final = {"http": 8123, "https": 8443}


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ClickHouse is, and as whom we come."""

    scheme: str
    host: str
    port: int
    user: str
    password: str

    @property
    def shown(self) -> str:
        """For people: without user and password."""
        return f"{self.host}:{self.port}"


def parse(url: str) -> Address:
    """Read `http://user:password@host:port`.

    Raises:
        ClickHouseUrlError: it is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ClickHouseUrlError(reason=str(error)) from error
    if parts.scheme not in DEFAULT_PORTS:
        raise ClickHouseUrlError(reason=f"scheme {parts.scheme!r}")
    if not parts.hostname:
        raise ClickHouseUrlError(reason="no host")
    if parts.path not in {"", "/"} or parts.query:
        raise ClickHouseUrlError(reason="nothing may follow the port")
    return Address(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port or DEFAULT_PORTS[parts.scheme],
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
    )
