"""Who may send from where and how often: what a request meets before its messages are read."""

import time
from typing import Final

import msgspec
from starlette.requests import Request

from api.collector import rates
from api.collector.credentials import Key
from api.collector.rates import Network, Rates
from api.collector.signatures import Signatures
from api.errors import ProblemError, WrongSettingError
from settings import Settings

ANY: Final = "*"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Of an installation; as they are here, everything is let in."""

    rates: Rates | None = None
    proxies: tuple[Network, ...] = ()
    origins: frozenset[str] = frozenset()
    """Whose pages may use a write key; empty: any."""
    signatures: Signatures | None = None

    def check_address(self, request: Request, *, now: int) -> None:
        """Let a request from its address pass.

        Raises:
            ProblemError: 429 `address_rate_limited`.
        """
        if self.rates is None or request.client is None:
            return
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        address = rates.client(request.client.host, forwarded, proxies=self.proxies)
        self.rates.check_address(address, now=now)

    def check_key(self, request: Request, key: Key, *, now: int) -> None:
        """Let a request with this key pass.

        Raises:
            ProblemError: 403 `origin_not_allowed`; 429 `key_rate_limited`.
        """
        origin = request.headers.get("origin")
        if origin is not None and not key.is_secret and self.allowed(origin) is None:
            raise ProblemError(
                403, "origin_not_allowed", "pages of this origin may not send with this key"
            )
        if self.rates is not None:
            self.rates.check_key(key.name, now=now)

    def allowed(self, origin: str) -> str | None:
        """What a page of this origin is told of who may read the answer; None: not it."""
        if not self.origins:
            return ANY
        return origin if origin.lower() in self.origins else None


def of_settings(settings: Settings) -> Rules:
    """The rules of an installation.

    Raises:
        WrongSettingError: a trusted proxy is neither an address nor a network.
    """
    try:
        proxies = rates.networks(settings.trusted_proxies)
    except ValueError as error:
        raise WrongSettingError(f"trusted_proxies: {error}") from error
    return Rules(
        rates=Rates(
            key_per_s=settings.key_rate_per_s,
            address_per_s=settings.address_rate_per_s,
            clock_s=time.monotonic,
        ),
        proxies=proxies,
        origins=origins(settings.allowed_origins),
        signatures=Signatures(
            secret=settings.secret_key, is_required=settings.require_signed_identity
        ),
    )


def origins(setting: str) -> frozenset[str]:
    """Read origins, comma-separated: `https://shop.example, https://www.shop.example`."""
    return frozenset(
        part.strip().rstrip("/").lower() for part in setting.split(",") if part.strip()
    )
