"""One broker that is its own controller, on loopback."""

import asyncio
import base64
import contextlib
import socket
import uuid
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from oncue.kafka import commands
from oncue.kafka.errors import NodeError
from streams.admin import Admin
from streams.errors import BrokerAwayError

HOST: Final = "127.0.0.1"
HIGHEST_PORT: Final = 32_767
"""Above are the ports that outgoing connections take for themselves."""
START_S: Final = 60
STOP_S: Final = 15
PROBE_MS: Final = 500
LOGGING: Final = Path(__file__).with_name("log4j2.properties")
JAVA: Final = (
    "java",
    "-Xmx512m",
    # One node for development and tests: a quick start and little memory, not throughput.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    f"-Dlog4j2.configurationFile={LOGGING}",
)


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Where a node keeps what; `data` may be empty or that of an earlier run."""

    jars: Path
    port: int
    data: Path

    @property
    def address(self) -> str:
        """What clients connect to."""
        return f"{HOST}:{self.port}"

    @property
    def log(self) -> Path:
        """What Kafka prints: warnings and errors."""
        return self.data / "kafka.log"

    @property
    def configuration(self) -> Path:
        """The file written at each start."""
        return self.data / "server.properties"

    @property
    def records(self) -> Path:
        """Kafka's own folder."""
        return self.data / "records"


@asynccontextmanager
async def running(node: Node) -> AsyncIterator[Process]:
    """Start the node, wait until it answers, and end it afterwards.

    Raises:
        NodeError: a port is taken, or Kafka ended or does not answer.
    """
    node.data.mkdir(parents=True, exist_ok=True)
    node.configuration.write_text(configuration(node, controller_port=_controller_port(node)))
    await _format(node)
    with node.log.open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *_java(node, "kafka.Kafka", str(node.configuration)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        await _answering(node, process)
        yield process
    finally:
        await _stop(process)


def configuration(node: Node, *, controller_port: int) -> str:
    """Write Kafka's settings for one node that needs nobody else."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{node.address},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{node.address}",
        "log.dirs": str(node.records.resolve()),
        # The defaults are those of a cluster: three copies of fifty partitions.
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # A topic made by a misspelt name would have the wrong partition count.
        "auto.create.topics.enable": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


async def _format(node: Node) -> None:
    """Make the folder Kafka's own, once."""
    if (node.records / "meta.properties").exists():
        return
    # Not with a hyphen in front: the tool would take it for an option.
    cluster_id = "O" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
    tool = ("kafka.tools.StorageTool", "format", "-t", cluster_id)
    outcome = await commands.run(
        _java(node, *tool, "-c", str(node.configuration)), timeout_s=START_S
    )
    if outcome.status != 0:
        last = outcome.output.strip().splitlines()[-1:]
        raise NodeError(f"Kafka cannot use {node.records}: {''.join(last)}")


async def _answering(node: Node, process: Process) -> None:
    admin = Admin(brokers=node.address)
    ended = asyncio.create_task(process.wait())
    try:
        async with asyncio.timeout(START_S):
            while not ended.done():
                with contextlib.suppress(BrokerAwayError):
                    return await admin.probe(timeout_ms=PROBE_MS)
    except TimeoutError as error:
        raise NodeError(f"Kafka does not answer at {node.address} after {START_S} s") from error
    finally:
        ended.cancel()
    raise NodeError(f"Kafka ended with status {process.returncode}: {last_error(node)}")


def last_error(node: Node) -> str:
    """Quote the log's last complaint."""
    lines = node.log.read_text(errors="replace").splitlines()
    complaints = [line for line in lines if " ERROR " in line or " FATAL " in line] or lines[-1:]
    return complaints[-1] if complaints else f"nothing in {node.log}"


async def _stop(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S)
    except TimeoutError:
        process.kill()
        await process.wait()


def _java(node: Node, *arguments: str) -> list[str]:
    return [*JAVA, "-cp", f"{node.jars}/*", *arguments]


def _controller_port(node: Node) -> int:
    """Find a second port, near the first, that nobody listens on.

    Raises:
        NodeError: the first is taken, or all others.
    """
    if not _is_free(node.port):
        raise NodeError(f"port {node.port} is taken: use --port")
    for port in range(node.port + 1, HIGHEST_PORT + 1):
        if _is_free(port):
            return port
    raise NodeError(f"no port between {node.port} and {HIGHEST_PORT} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
