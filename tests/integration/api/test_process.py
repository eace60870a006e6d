"""The API as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from settings import Settings
from tests.support import ports
from tests.support.waiting import eventually_now

STOP_WITHIN_S = 6


def environment(config: Settings, **more: str) -> dict[str, str]:
    given = msgspec.to_builtins(config)
    named = {f"ONCUE_{name.upper()}": str(value) for name, value in given.items()}
    return {**os.environ, **named, **more}


@contextmanager
def running(environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Started, and answering."""
    process = subprocess.Popen([sys.executable, "-m", "api"], env=environ)
    try:
        eventually_now(lambda: is_answering(process, environ["ONCUE_PORT"]), within_s=90)
        yield process
    finally:
        process.kill()
        process.wait()


def is_answering(process: subprocess.Popen[bytes], port: str) -> bool:
    assert process.poll() is None, "the API ended"
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/live").is_success
    except httpx.TransportError:
        return False


def ended_by_itself(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


@pytest.fixture
def own(config: Settings) -> Settings:
    """Settings of a process beside the others."""
    return msgspec.structs.replace(config, port=ports.free_port())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_soon_and_well_when_told(own: Settings, number: signal.Signals) -> None:
    with running(environment(own)) as process:
        told_s = time.monotonic()
        process.send_signal(number)

        assert process.wait(STOP_WITHIN_S) == 0
        assert time.monotonic() - told_s < STOP_WITHIN_S


def test_metrics_are_those_of_every_process(own: Settings, tmp_path: Path) -> None:
    environ = environment(own, PROMETHEUS_MULTIPROC_DIR=str(tmp_path))
    counting = "from agents import telemetry; telemetry.EVENTS.labels('tracker').inc(3)"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", counting], env=environ, check=True)

    with running(environ):
        text = httpx.get(f"http://127.0.0.1:{own.port}/metrics").text

    assert 'oncue_events_total{kind="tracker"} 6.0' in text


def test_a_port_that_is_taken_is_said_in_one_line(own: Settings) -> None:
    with socket.create_server(("127.0.0.1", own.port)):
        ended = ended_by_itself(environment(own))

    assert ended.returncode == 1
    assert ended.stderr == (
        f"oncue api: cannot listen on 127.0.0.1:{own.port}: Address already in use\n"
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"host": "0.0.0.0"}, "0.0.0.0 is reachable by others: set ONCUE_WRITE_KEY, "),  # noqa: S104 that is the point
        ({"redis": "nonsense"}, "ONCUE_REDIS is no address of a Redis"),
        ({"clickhouse": "nonsense"}, "ONCUE_CLICKHOUSE is no address of a ClickHouse"),
    ],
)
def test_what_it_cannot_start_with_is_said_in_one_line(
    own: Settings, changed: dict[str, str], said: str
) -> None:
    wrong = msgspec.convert({**msgspec.to_builtins(own), **changed}, Settings)

    ended = ended_by_itself(environment(wrong))

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stderr.startswith(f"oncue api: {said}")
