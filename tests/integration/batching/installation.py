"""Topics, workers to kill, and the audit of what they left behind."""

import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from tests.integration.batching.arguments import Arguments, Pace, Row, take
from tests.support import processes, waiting
from tests.support.brokers import Broker, fresh_name

ROOT: Final = Path(__file__).parents[3]
PARTITIONS: Final = 4
KEYS: Final = 500
PATIENCE_S: Final = 90
"""Seconds when it is wrong, or the machine busy; a few otherwise."""
FIRST_AT: Final = 1_700_000_000_000
COORDINATOR_STARTS: Final = (
    KafkaError.NOT_COORDINATOR,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
)
KEEP: Final = {"retention.ms": "-1"}
"""Kafka goes by the records' timestamps, and those are of 2023."""
SESSION_S: Final = {"embedded": 3.0, "kafka": 6.0}
"""Kafka allows no less than 6; the embedded broker holds each join for half of it."""


class Installation:
    """One source, one group, any number of workers."""

    def __init__(self, broker: Broker, folder: Path, pace: Pace) -> None:
        self.broker = broker
        self.produced: Counter[bytes] = Counter()
        self.arguments = Arguments(
            brokers=broker.address,
            group=fresh_name("group"),
            source=broker.new_topic(partitions=PARTITIONS, config=KEEP),
            changelog=broker.new_topic(partitions=PARTITIONS, config={"cleanup.policy": "compact"}),
            effects=broker.new_topic(partitions=PARTITIONS, config=KEEP),
            partitions=PARTITIONS,
            session_timeout_s=SESSION_S[broker.name],
            owner="",
            pace=pace,
        )
        self._folder = folder
        self._workers: list[Worker] = []

    def produce(self, count: int, *, only_partition: int | None = None) -> None:
        """Append records with headers and timestamps of their own."""
        producer = Producer({"bootstrap.servers": self.broker.address, "linger.ms": 20})
        start = self.produced.total()
        for number in range(start, start + count):
            key = b"k%d" % (number % KEYS)
            producer.produce(
                self.arguments.source,
                key=key,
                value=b"%d" % number,
                partition=number % KEYS % PARTITIONS if only_partition is None else only_partition,
                timestamp=FIRST_AT + number,
                headers=[("kind", b"tracker"), ("kind", b"%d" % number)],
            )
            self.produced[key] += 1
            if number % 1000 == 0:
                producer.poll(0)
        assert producer.flush(30) == 0

    def start(self) -> "Worker":
        """One more worker."""
        owner = f"worker-{len(self._workers)}"
        worker = Worker(
            msgspec.structs.replace(self.arguments, owner=owner), self._folder / f"{owner}.log"
        )
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        """Leave nothing running; what the workers wrote is shown beside a failure."""
        for worker in self._workers:
            worker.kill()
            sys.stdout.write(worker.log())

    def committed(self) -> int:
        """Over all partitions."""
        consumer = Consumer(
            {"bootstrap.servers": self.broker.address, "group.id": self.arguments.group}
        )
        try:
            found = consumer.committed(
                [TopicPartition(self.arguments.source, p) for p in range(PARTITIONS)], timeout=10
            )
        finally:
            consumer.close()
        return sum(max(0, place.offset) for place in found)

    def wait_committed(self, count: int, *, within_s: float = PATIENCE_S) -> None:
        """Until the group is `count` records on."""

        def is_there() -> bool:
            try:
                return self.committed() >= count
            except KafkaException as error:
                if error.args[0].code() not in COORDINATOR_STARTS:
                    raise
                return False

        waiting.eventually_now(is_there, within_s=within_s)

    def counts(self) -> Counter[bytes]:
        """What the changelog says."""
        rows: dict[bytes, Row] = {}
        for message in self.read(self.arguments.changelog):
            take(rows, message.key(), message.value())
        return Counter({key: row.count for key, row in rows.items()})

    def read(self, topic: str) -> list[Message]:
        """Read a topic whole."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.broker.address,
                "group.id": fresh_name("reader"),
                "enable.auto.commit": False,
                "enable.partition.eof": True,
            }
        )
        consumer.assign([TopicPartition(topic, p, 0) for p in range(PARTITIONS)])
        messages: list[Message] = []
        ended: set[int | None] = set()
        deadline = time.monotonic() + 20
        while len(ended) < PARTITIONS and time.monotonic() < deadline:
            for message in consumer.consume(5000, 0.2):
                error = message.error()
                if error is None:
                    messages.append(message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    ended.add(message.partition())
        consumer.close()
        assert len(ended) == PARTITIONS, f"{topic}: only {ended} read to the end"
        return messages


class Worker:
    """The counting application in a process of its own."""

    def __init__(self, arguments: Arguments, log: Path) -> None:
        self._log = log
        self._out: IO[bytes] = log.open("wb")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.integration.batching.counting",
                msgspec.json.encode(arguments).decode(),
            ],
            cwd=ROOT,
            stdout=self._out,
            stderr=subprocess.STDOUT,
        )

    def said(self, event: str) -> list[dict[str, Any]]:
        """Facts of one kind, in the order told."""
        facts = [
            msgspec.json.decode(line)
            for line in self._log.read_bytes().splitlines(keepends=True)
            if line.startswith(b"{") and line.endswith(b"\n")
        ]
        return [fact for fact in facts if fact["event"] == event]

    def log(self) -> str:
        """Everything it wrote."""
        return self._log.read_text()

    def wait_for(self, event: str, *, within_s: float = PATIENCE_S) -> dict[str, Any]:
        """The latest fact of a kind, once there is one."""
        return waiting.eventually_now(lambda: self.said(event), within_s=within_s)[-1]

    def wait_owning(self, count: int, *, within_s: float = PATIENCE_S) -> None:
        """Until chunks of `count` partitions are delivered to it."""
        waiting.eventually_now(
            lambda: len(self.wait_for("clock")["owned"]) == count, within_s=within_s
        )

    def wait_ticks(self, count: int) -> None:
        """Until its clock told so many more times, five in a second."""
        wanted = len(self.said("clock")) + count
        waiting.eventually_now(lambda: len(self.said("clock")) >= wanted, within_s=PATIENCE_S)

    def freeze(self) -> None:
        """As a paused machine does."""
        processes.freeze(self.process.pid)

    def wake(self) -> None:
        """Without telling it that time has passed."""
        processes.wake(self.process.pid)

    def kill(self) -> None:
        """As the kernel does when memory ends."""
        self.process.kill()
        self.process.wait()
        self._out.close()

    def stop(self) -> int:
        """As a deployment does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


@contextmanager
def installed(broker: Broker, pace: Pace) -> Iterator[Installation]:
    """Topics of one's own, and no worker left behind."""
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(broker, Path(folder), pace)
        try:
            yield installation
        finally:
            installation.close()
