"""How often a key and an address may ask: token buckets of this process.

Of this process, not of the installation: a bucket in Redis would make every request wait for
Redis, which nothing on this path does. With several API processes each grants the rate, so that
together they grant as many times more.
"""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import msgspec

from api.errors import ProblemError

BURST_S: Final = 10
"""Requests of so many seconds may come at once: a page that was offline, a morning's first job."""

BUCKETS_MAX: Final = 50_000
"""Addresses remembered, about 200 bytes each; the one that asked longest ago is forgotten."""

IPV6_PREFIX_BITS: Final = 64
"""A subscriber has that many addresses to himself."""

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class Bucket(msgspec.Struct):
    """What is left of a burst; changes in place."""

    tokens: float
    at_s: float


class Buckets:
    """One limit for many who ask, each with a bucket of its own."""

    def __init__(self, *, per_s: int, clock_s: Callable[[], float]) -> None:
        """`per_s` 0 or less: no limit. `clock_s` never goes back."""
        self._per_s = per_s
        self._clock_s = clock_s
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def wait_s(self, name: str) -> float:
        """Take a token: 0 when there was one, otherwise how long until there is."""
        if self._per_s <= 0:
            return 0
        now_s, most = self._clock_s(), float(self._per_s * BURST_S)
        bucket = self._buckets.pop(name, None) or Bucket(tokens=most, at_s=now_s)
        bucket.tokens = min(most, bucket.tokens + (now_s - bucket.at_s) * self._per_s)
        bucket.at_s = now_s
        self._buckets[name] = bucket
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self._per_s
        bucket.tokens -= 1
        return 0


class Rates:
    """Both limits of the collector."""

    def __init__(self, *, key_per_s: int, address_per_s: int, clock_s: Callable[[], float]) -> None:
        self._keys = Buckets(per_s=key_per_s, clock_s=clock_s)
        self._addresses = Buckets(per_s=address_per_s, clock_s=clock_s)

    def check_key(self, name: str, *, now: int) -> None:
        """Let a request of this key pass.

        Raises:
            ProblemError: 429 `key_rate_limited`.
        """
        wait_s = self._keys.wait_s(name)
        if wait_s:
            raise _limited("key_rate_limited", "this key sends too much at once", wait_s, now)

    def check_address(self, address: str, *, now: int) -> None:
        """Let a request from this address pass.

        Raises:
            ProblemError: 429 `address_rate_limited`.
        """
        wait_s = self._addresses.wait_s(_subscriber(address))
        if wait_s:
            raise _limited("address_rate_limited", "too much comes from your address", wait_s, now)


def client(peer: str, forwarded: str, *, proxies: Iterable[Network]) -> str:
    """The address a request came from; `forwarded` is X-Forwarded-For, which anybody can write.

    It is believed only as far as trusted proxies wrote it: from its end backwards, each address
    that is a proxy's was put there by the next.
    """
    trusted = tuple(proxies)
    found = peer
    for said in (peer, *reversed(forwarded.split(","))):
        address = _address(said)
        if address is None:
            break
        found = str(address)
        if not any(address in network for network in trusted):
            break
    return found


def networks(setting: str) -> tuple[Network, ...]:
    """Read addresses and networks, comma-separated: `10.0.0.0/8, ::1`.

    Raises:
        ValueError: one is neither.
    """
    return tuple(
        ipaddress.ip_network(part.strip(), strict=False)
        for part in setting.split(",")
        if part.strip()
    )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _subscriber(address: str) -> str:
    found = _address(address)
    if found is None or found.version == 4:
        return address
    return str(ipaddress.ip_network((found, IPV6_PREFIX_BITS), strict=False))


def _limited(code: str, message: str, wait_s: float, now: int) -> ProblemError:
    """Whole seconds: a fraction is no number to some clients, and 0 would be asked at once."""
    seconds = max(math.ceil(wait_s), 1)
    return ProblemError(
        429,
        code,
        f"{message}: again in {seconds} s",
        headers={
            "retry-after": str(seconds),
            "x-ratelimit-reset": str(math.ceil(now / 1000) + seconds),
        },
    )
