"""`python -m oncue.kafka`: starts, says so, and leaves nothing behind."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from streams.consumer import Reader
from streams.positions import Beginning
from streams.producer import Producer
from streams.records import Record
from tests.support import kafka, ports
from tests.support.brokers import Broker


def command(port: int, *, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "oncue.kafka", "--port", str(port)],
        cwd=kafka.ROOT,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_machine_without_java_is_told_in_one_line(tmp_path: Path) -> None:
    ended = command(ports.free_port(), path=str(tmp_path))

    assert ended.returncode == kafka.UNAVAILABLE_STATUS
    assert ended.stderr.endswith("there is no java on the PATH\n")
    assert ended.stderr.count("\n") == 1


@pytest.mark.kafka
@pytest.mark.usefixtures("kafka_broker")
def test_a_port_that_is_taken_is_told_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", ports.free_port())) as taken:
        port = taken.getsockname()[1]

        ended = command(port, path=os.environ["PATH"])

    assert (ended.returncode, ended.stderr) == (1, f"port {port} is taken: use --port\n")


@pytest.mark.kafka
@pytest.mark.usefixtures("kafka_broker")
def test_what_was_started_is_gone_once_it_was_asked_to_end() -> None:
    with kafka.running() as broker:
        folder = Path(psutil.Process(broker.pid).cmdline()[-1]).parent
        assert folder.is_dir()

    assert not psutil.pid_exists(broker.pid)
    assert not folder.exists()


@pytest.mark.kafka
async def test_a_record_outlives_a_kill_where_a_folder_was_given(
    kafka_broker: Broker,  # noqa: ARG001 - skips where there is none
    tmp_path: Path,
) -> None:
    with kafka.running(data=tmp_path) as broker:
        topic = broker.new_topic()
        async with Producer(brokers=broker.address) as producer:
            await producer.deliver([Record(topic=topic, key=b"k", value=b"v")])
        psutil.Process(broker.pid).kill()

    with kafka.running(data=tmp_path) as broker:
        async with Reader(brokers=broker.address) as reader:
            await reader.assign_topics([topic], start=Beginning())
            found = [record.value async for batch in reader.read_to_end() for record in batch]

    assert found == [b"v"]
