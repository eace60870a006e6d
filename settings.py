"""The environment, read once. Only entry points (`oncue`, `agents.*.__main__`, `api`) import this."""

import os
from collections.abc import Mapping

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting with its default; `.env.example` lists the same, with the prefix `ONCUE_`."""

    broker: str = "127.0.0.1:9092"
    """Bootstrap servers of Kafka, host:port, comma-separated."""
    redis: str = "redis://127.0.0.1:6379/0"
    clickhouse: str = "http://127.0.0.1:8123"
    """User and password may stand in the URL."""
    partitions: int = 4
    """Of every topic keyed by customer; fixed at creation, checked at start."""
    session_timeout_s: int = 6
    """Of Kafka's consumer groups: 6 embedded, where a join waits for half of it; 30 and more elsewhere."""
    host: str = "127.0.0.1"
    port: int = 8080
    write_key: str = "demo"
    secret_key: str = "demo-secret"
    admin_token: str = "demo-admin"
    link_secret: str = "demo-links"
    """Signs open pixels and click links; a comma-separated list rotates: the last one signs."""
    public_url: str = ""
    """Where links in messages point; empty: this machine's listener."""
    smtp_url: str = ""
    """`smtp://user:password@host:port`, `smtps://`, `smtp+starttls://`; empty: email goes to the sandbox."""
    mail_from: str = "Oncue <shop@localhost>"
    acknowledge_timeout_ms: int = 5_000
    """How long an answer waits for Kafka before it says 503."""
    log_level: str = "info"


PREFIX = "ONCUE_"


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; unknown variables are none of our business."""
    known = {
        name: environ[PREFIX + name.upper()]
        for name in Settings.__struct_fields__
        if PREFIX + name.upper() in environ
    }
    return msgspec.convert(known, Settings, strict=False)
