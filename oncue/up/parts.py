"""The list of what `oncue up` runs, and in which order: servers, then the once-only, then ours."""

import importlib.util
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from oncue.up import broker, probes, valkey
from oncue.up.errors import BinaryMissingError
from oncue.up.supervisor.parts import Part, Probe
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


def listed(
    addresses: Addresses,
    *,
    folder: Path,
    definitions: Path | None = None,
    environment: Mapping[str, str],
) -> list[Part]:
    """Every part, in the order in which people read them.

    Args:
        folder: of this run: the servers keep their data and the parts their metrics there.
        definitions: of all runs: an empty embedded broker gets the definitions kept there.
        environment: settings of our own parts.
    """
    kept = definitions if addresses.broker_port is not None else None
    prepare = () if kept is None else ("--data", str(kept))
    return [*_servers(addresses, folder), *_ours(addresses, folder, prepare, environment)]


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
        _require_chdb()
        found.append(
            Part(
                name="clickhouse",
                command=(
                    *(sys.executable, "-m", "oncue.up.clickhouse"),
                    *("--path", str(folder / "clickhouse"), "--port", str(port)),
                ),
                is_ready=lambda _: probes.http(f"http://127.0.0.1:{port}/ping"),
                address=f"http://127.0.0.1:{port}",
            )
        )
    return found


def _require_chdb() -> None:
    """Look for it without loading it, which takes a second.

    Raises:
        BinaryMissingError: the embedded extra is not installed.
    """
    if importlib.util.find_spec("chdb") is None:
        raise BinaryMissingError("ClickHouse", package="chdb-core")


def _ours(
    addresses: Addresses, folder: Path, prepare: tuple[str, ...], environment: Mapping[str, str]
) -> list[Part]:
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
        command=(sys.executable, "-m", "oncue", "prepare", *prepare),
        environment=shared,
        once=True,
        after=servers,
        ready_within_s=READY_WITHIN_S,
        address="topics, tables, definitions",
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
        is_ready=lambda _: probes.http(f"{addresses.url}/health/live"),
        ready_within_s=READY_WITHIN_S,
        address=addresses.url,
        after=("prepare",),
    )
    return [once, *agents, api]


def _probe(ask: Callable[[int], Awaitable[bool]], port: int) -> Probe:
    return lambda _: ask(port)


def _beats(redis: str, name: str) -> Probe:
    """Whether this very process has said in Redis that it is ready."""

    async def ask(pid: int) -> bool:
        expected = (name, socket.gethostname(), pid, "ready")
        hearts = Heartbeats(url=redis)
        try:
            return any(
                (part.name, part.host, part.pid, part.state) == expected
                for part in await hearts.parts()
            )
        except TablesError:
            return False
        finally:
            await hearts.close()

    return ask
