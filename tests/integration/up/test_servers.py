"""The embedded broker and Valkey, started with our command lines."""

import os
import signal
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from oncue.up import broker, memory, probes, valkey
from tests.support.ports import free_port
from tests.support.waiting import eventually

Probe = Callable[[int], Awaitable[bool]]
Start = Callable[[tuple[str, ...]], subprocess.Popen[bytes]]


@pytest.fixture
def start() -> Iterator[Start]:
    processes: list[subprocess.Popen[bytes]] = []

    def begin(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, env={**os.environ, **broker.ENVIRONMENT})
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.wait()


async def test_the_broker_says_when_it_is_ready(start: Start) -> None:
    port = free_port()
    before = await probes.kafka(port)

    process = start(broker.command(port))
    await until_ready(probes.kafka, port)

    assert not before
    assert (memory.resident_bytes(process.pid) or 0) > 1_000_000


async def test_valkey_says_when_it_is_ready(start: Start, tmp_path: Path) -> None:
    port = free_port()
    before = await probes.valkey(port)

    start(valkey.command(port, folder=tmp_path))
    await until_ready(probes.valkey, port)

    assert not before


async def test_what_valkey_acknowledged_survives_a_kill(start: Start, tmp_path: Path) -> None:
    port = free_port()
    command = valkey.command(port, folder=tmp_path)
    first = start(command)
    await until_ready(probes.valkey, port)
    assert ask(port, b"SET cart shoes\r\n") == b"+OK\r\n"

    first.send_signal(signal.SIGKILL)
    first.wait()
    start(command)
    await until_ready(probes.valkey, port)

    assert ask(port, b"GET cart\r\n") == b"$5\r\nshoes\r\n"


@pytest.mark.parametrize("probe", [probes.kafka, probes.valkey])
async def test_a_port_that_accepts_and_says_nothing_is_not_ready(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", free_port())) as deaf:
        port = deaf.getsockname()[1]
        answer = await probe(port)

    assert answer is False


async def until_ready(probe: Probe, port: int) -> None:
    def check() -> bool | Awaitable[bool]:
        return probe(port)

    await eventually(check)


def ask(port: int, command: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(command)
        return connection.recv(100)
