"""The list of what `oncue up` runs, and in which order: servers, then the once-only, then ours."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from oncue.up import broker, probes, valkey
from oncue.up.supervisor.parts import Part
from tables.errors import TablesError
from tables.heartbeats import Heartbeats

SERVERS: Final = ("broker", "valkey", "clickhouse")

MODULES: Final = {
    "worker": "agents.worker.run",
    "doors": "agents.doors",
    "delivery": "agents.delivery.run",
    "sink": "agents.sink.run",
    "mirror": "agents.mirror.run",
    "api": "api",
}
"""Each part of ours is a module to run, with its settings in the environment."""

READY_WITHIN_S: Final = 60
"""Far above what a start takes here (15 s for all): a loaded machine is no failure."""


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything listens; a server that is not ours has no port to start it on."""

    broker: str
    redis: str
    clickhouse: str
    port: int
    broker_port: int | None
    redis_port: int | None
    clickhouse_port: int | None

    @property
    def url(self) -> str:
        """Of the collector, the API and the page."""
        return f"http://127.0.0.1:{self.port}"


def listed(addresses: Addresses, *, folder: Path, environment: Mapping[str, str]) -> list[Part]:
    """Every part, in the order in which people read them.

    Args:
        folder: of this run: the servers keep their data and the parts their metrics there.
        environment: settings of our own parts.
    """
    return [*_servers(addresses, folder), *_ours(addresses, folder, environment)]


def _servers(addresses: Addresses, folder: Path) -> list[Part]:
    found = []
    if addresses.broker_port is not None:
        port = addresses.broker_port
        found.append(
            Part(
                name="broker",
                command=broker.command(port),
                environment=broker.ENVIRONMENT,
                is_ready=_probe(probes.kafka, port),
                address=f"127.0.0.1:{port} (Kafka protocol, in memory)",
                essential=True,
            )
        )
    if addresses.redis_port is not None:
        port = addresses.redis_port
        (folder / "valkey").mkdir(exist_ok=True)
        found.append(
            Part(
                name="valkey",
                command=valkey.command(port, folder=folder / "valkey"),
                is_ready=_probe(probes.valkey, port),
                address=f"redis://127.0.0.1:{port}/0",
            )
        )
    if addresses.clickhouse_port is not None:
        port = addresses.clickhouse_port
        found.append(
            Part(
                name="clickhouse",
                command=(
                    *(sys.executable, "-m", "oncue.up.clickhouse"),
                    *("--path", str(folder / "clickhouse"), "--port", str(port)),
                ),
                is_ready=lambda: probes.http(f"http://127.0.0.1:{port}/ping"),
                address=f"http://127.0.0.1:{port}",
            )
        )
    return found


def _ours(addresses: Addresses, folder: Path, environment: Mapping[str, str]) -> list[Part]:
    metrics = folder / "metrics"
    metrics.mkdir(exist_ok=True)
    shared = {**environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    servers = tuple(
        name
        for name, port in zip(
            SERVERS,
            (addresses.broker_port, addresses.redis_port, addresses.clickhouse_port),
            strict=True,
        )
        if port is not None
    )
    once = Part(
        name="prepare",
        command=(sys.executable, "-m", "oncue", "prepare"),
        environment=shared,
        once=True,
        after=servers,
        ready_within_s=READY_WITHIN_S,
        address="topics and tables",
    )
    agents = [
        Part(
            name=name,
            command=(sys.executable, "-m", module),
            environment=shared,
            is_ready=_beats(addresses.redis, name),
            ready_within_s=READY_WITHIN_S,
            after=("prepare",),
        )
        for name, module in MODULES.items()
        if name != "api"
    ]
    api = Part(
        name="api",
        command=(sys.executable, "-m", MODULES["api"]),
        environment=shared,
        is_ready=lambda: probes.http(f"{addresses.url}/health/live"),
        ready_within_s=READY_WITHIN_S,
        address=addresses.url,
        after=("prepare",),
    )
    return [once, *agents, api]


def _probe(ask: Callable[[int], Awaitable[bool]], port: int) -> Callable[[], Awaitable[bool]]:
    return lambda: ask(port)


def _beats(redis: str, name: str) -> Callable[[], Awaitable[bool]]:
    """Whether a part has said in Redis that it is ready."""

    async def ask() -> bool:
        hearts = Heartbeats(url=redis)
        try:
            return any(part.name == name and part.state == "ready" for part in await hearts.parts())
        except TablesError:
            return False
        finally:
            await hearts.close()

    return ask
