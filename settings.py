"""The environment, read once; only the entry points of `oncue`, `agents` and `api` read it."""

import ipaddress
import os
from collections.abc import Mapping
from typing import Final

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its default; `.env.example` lists the same, with the prefix `ONCUE_`."""

    broker: str = "127.0.0.1:9092"
    """Bootstrap servers of Kafka, host:port, comma-separated."""
    redis: str = "redis://127.0.0.1:6379/0"
    """Where Redis is: user and password may stand in the URL."""
    clickhouse: str = "http://127.0.0.1:8123"
    """Where ClickHouse speaks HTTP: user and password may stand in the URL."""
    partitions: int = 4
    """Of every topic keyed by customer; fixed at creation, checked at start."""
    replication_factor: int = 1
    """Of the topics we make: 3 on a cluster."""
    session_timeout_s: int = 6
    """Of Kafka's consumer groups: 6 embedded, where a join waits half of it; else 30 or more."""
    host: str = "127.0.0.1"
    """What the API listens on; beyond loopback only with keys of your own."""
    port: int = 8080
    """Of the one listener: collector, API and page."""
    write_key: str = "demo"
    """For events, from browsers and apps; everybody may see it."""
    secret_key: str = "demo-secret"  # noqa: S105  the demo's: `refusal` keeps it on this machine
    """For the back office, which also sends receipts."""
    admin_token: str = "demo-admin"  # noqa: S105  as above
    """For the administration under /api."""
    allowed_origins: str = ""
    """Whose pages may use the write key, comma-separated: `https://shop.example`; empty: any."""
    require_signed_identity: bool = False
    """Whether a page must prove whom it identifies: `context.signature`, docs/decisions/0013."""
    key_rate_per_s: int = 1_000
    """Requests a second of one key, ten seconds' worth at once; 0: no limit."""
    address_rate_per_s: int = 100
    """The same of one address that sends with the write key; 0: no limit."""
    trusted_proxies: str = ""
    """Addresses or networks, comma-separated, whose X-Forwarded-For is believed."""
    import_rows_per_s: int = 5_000
    """Of files that are imported: live events come first; 0: as fast as Kafka takes them."""
    reassess_rows_per_s: int = 1_000
    """Customers judged anew after a segment changed: live events come first; 0: no limit."""
    backfill: bool = False
    """Whether new definitions count what was there before, too: docs/decisions/0041."""
    backfill_rows_per_s: int = 1_000
    """Customers whose past is filled in: live events come first; 0: no limit."""
    segment_metrics_every_s: int = 6 * 60 * 60
    """How often it is computed what each segment comes to."""
    link_secret: str = "demo-links"  # noqa: S105  as above
    """Signs open pixels and click links; a comma-separated list rotates: the last one signs."""
    public_url: str = ""
    """Where links in messages point; empty: this machine's listener."""
    smtp_url: str = ""
    """`smtp://user:password@host:port`, `smtps://`, `smtp+starttls://`; empty: the sandbox."""
    mail_from: str = "Oncue <shop@localhost>"
    """Sender of email."""
    acknowledge_timeout_ms: int = 5_000
    """How long an answer waits for Kafka before it says 503."""
    log_level: str = "info"
    """`debug`, `info` or `warning`."""


PREFIX: Final = "ONCUE_"

KEYS: Final = ("write_key", "secret_key", "admin_token", "link_secret")
"""What keeps others out."""


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; unknown variables are none of our business."""
    known = {
        name: environ[variable(name)]
        for name in Settings.__struct_fields__
        if variable(name) in environ
    }
    return msgspec.convert(known, Settings, strict=False)


def variable(name: str) -> str:
    """What a setting is called in the environment."""
    return PREFIX + name.upper()


def refusal(settings: Settings) -> str | None:
    """Say why nothing may listen with these settings; None when it may.

    Beyond loopback every key must be one's own: neither empty nor the one everybody can read here.
    """
    if is_loopback(settings.host):
        return None
    known = Settings()
    weak = [
        variable(name)
        for name in KEYS
        if {"", getattr(known, name)} & set(getattr(settings, name).split(","))
    ]
    if not weak:
        return None
    return f"{settings.host or 'every address'} is reachable by others: set {', '.join(weak)} first"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a listener there; a name is believed to be public."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
