"""Real brokers for the tests: the embedded one, and Apache Kafka."""

import os
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from oncue.up import broker as embedded_server
from tests.support import orphans, ports
from tests.support.waiting import eventually_now

START_S: Final = 30
STOP_S: Final = 10


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """A broker that runs, and how to reach it."""

    name: str
    """`embedded` or `kafka`."""
    address: str
    """HOST:PORT, as librdkafka and aiokafka take it."""
    pid: int
    """Of the process to stop or freeze in a fault test of one's own broker."""

    @property
    def url(self) -> str:
        """As Faust takes it."""
        return f"kafka://{self.address}"

    def new_topic(self, *, partitions: int = 1, config: dict[str, str] | None = None) -> str:
        """Make a topic that no other test knows, and return its name."""
        name = fresh_name("topic")
        admin = AdminClient({"bootstrap.servers": self.address})
        made = admin.create_topics([NewTopic(name, partitions, 1, config=config or {})])
        made[name].result(START_S)
        eventually_now(lambda: name in admin.list_topics(timeout=START_S).topics)
        return name


def fresh_name(prefix: str) -> str:
    """Name a topic or group that no other test knows."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


@contextmanager
def embedded(*, port: int | None = None) -> Iterator[Broker]:
    """Run the embedded broker; what it held is gone afterwards."""
    port = port or ports.free_port()
    address = f"127.0.0.1:{port}"
    command = embedded_server.command(port)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=Path(tempfile.gettempdir()))
        orphans.end_with(owner_pid=os.getpid(), server_pid=process.pid)
        try:
            wait_until_answering(address, process)
            yield Broker(name="embedded", address=address, pid=process.pid)
        finally:
            stop(process)


def wait_until_answering(address: str, process: subprocess.Popen[bytes]) -> None:
    """Poll until the broker lists its topics.

    Raises:
        RuntimeError: it ended, or does not answer.
    """
    deadline = time.monotonic() + START_S
    admin = AdminClient(
        {"bootstrap.servers": address, "log_level": 0, "reconnect.backoff.max.ms": 100}
    )
    while process.poll() is None and time.monotonic() < deadline:
        try:
            admin.list_topics(timeout=1)
        except KafkaException:
            continue
        return
    raise RuntimeError(f"the broker at {address} does not answer; exit status {process.poll()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End it politely, then not; a frozen one wakes up for it."""
    process.terminate()
    process.send_signal(signal.SIGCONT)
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
