"""Apache Kafka for the tests: one node for all test processes, or one of a test's own."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import psutil

from tests.support import orphans, ports
from tests.support.brokers import Broker

ROOT: Final = Path(__file__).parents[2]
UNAVAILABLE_STATUS: Final = 69
STOP_S: Final = 20


class KafkaUnavailableError(Exception):
    """This machine cannot run Apache Kafka; the message says what is missing."""


class _Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What the first test process that wanted Kafka found, for the others."""

    broker: Broker | None = None
    command_pid: int | None = None
    reason: str = ""


_started: Final[list[subprocess.Popen[str]]] = []
"""Kept, because a process object that is collected warns while its process runs."""


@contextmanager
def running(*, port: int | None = None, data: Path | None = None) -> Iterator[Broker]:
    """Run a node of one's own, to kill or freeze: `pid` is that of Java.

    With `data`, a second run finds what the first one wrote.

    Raises:
        KafkaUnavailableError: this machine cannot.
    """
    process, broker = _start(port=port, data=data, owner_pid=os.getpid())
    try:
        yield broker
    finally:
        process.terminate()
        process.communicate(timeout=STOP_S)


def shared(folder: Path, *, owner_pid: int) -> Broker:
    """Return the node that `folder` tells of; start it where nobody did before.

    It ends with the process `owner_pid`, or when that one calls `stop_shared`.

    Raises:
        KafkaUnavailableError: this machine cannot, found now or by another test process.
    """
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = folder / "kafka.json"
        if not state.exists():
            state.write_bytes(msgspec.json.encode(_start_shared(owner_pid)))
        found = msgspec.json.decode(state.read_bytes(), type=_Shared)
    if found.broker is None:
        raise KafkaUnavailableError(found.reason)
    return found.broker


def stop_shared(folder: Path) -> None:
    """End the node that `folder` tells of, if there is one."""
    state = folder / "kafka.json"
    if not state.exists():
        return
    pid = msgspec.json.decode(state.read_bytes(), type=_Shared).command_pid
    if pid is None or not psutil.pid_exists(pid):
        return
    process = psutil.Process(pid)
    process.terminate()
    process.wait(STOP_S)


def _start_shared(owner_pid: int) -> _Shared:
    try:
        process, broker = _start(port=None, data=None, owner_pid=owner_pid)
    except KafkaUnavailableError as error:
        return _Shared(reason=str(error))
    _started.append(process)
    return _Shared(broker=broker, command_pid=process.pid)


def _start(
    *, port: int | None, data: Path | None, owner_pid: int
) -> tuple[subprocess.Popen[str], Broker]:
    """Start and wait for the line that says it answers, which names the address."""
    command = [sys.executable, "-m", "oncue.kafka", "--port", str(port or ports.free_port())]
    process = subprocess.Popen(
        [*command, *(["--data", str(data)] if data else [])],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    orphans.end_with(owner_pid=owner_pid, server_pid=process.pid)
    said = ""
    while " answers at " not in said:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            process.communicate()
            raise _failure(process.returncode, said.strip())
        said = line
    [java] = psutil.Process(process.pid).children()
    return process, Broker(name="kafka", address=said.split()[-1], pid=java.pid)


def _failure(status: int, said: str) -> Exception:
    if status == UNAVAILABLE_STATUS:
        return KafkaUnavailableError(said)
    return RuntimeError(f"python -m oncue.kafka ended with status {status}: {said}")
