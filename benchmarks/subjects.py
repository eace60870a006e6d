"""The processes that are measured, and what they cost: CPU of all their threads, by the clock."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final, NamedTuple

import psutil

from benchmarks.report import Cost
from benchmarks.stack import PARTITIONS, PLAIN_CHANGELOG
from streams import topics
from tests.support import ports, processes
from tests.support.processes import Part

SAMPLE_S: Final = 0.02
"""The system counts CPU time in hundredths of a second."""


class Subject(NamedTuple):
    """A worker to be measured."""

    module: str
    group: str
    changelog: str


OURS: Final = Subject("agents.worker.run", "oncue-worker", topics.CUSTOMERS_CHANGELOG.name)

PLAIN: Final = Subject("benchmarks.plain_faust", "plain-faust", PLAIN_CHANGELOG.name)


class Meter:
    """CPU seconds of a process, looked up by the wall clock."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._samples: list[tuple[int, float]] = []
        self._stopping = Event()
        self._thread = Thread(target=self._sample, name="meter", daemon=True)
        self._thread.start()

    def cost(self, began_at: int, ended_at: int) -> Cost:
        """What it took between two instants; both must be over (`has_reached`)."""
        return Cost(
            cpu_s=self._cpu_s(ended_at) - self._cpu_s(began_at),
            wall_s=(ended_at - began_at) / 1000,
        )

    def has_reached(self, epoch_ms: int) -> bool:
        """Whether a sample was taken then or later."""
        return bool(self._samples) and self._samples[-1][0] >= epoch_ms

    def stop(self) -> None:
        """Take no more samples."""
        self._stopping.set()
        self._thread.join()

    def _cpu_s(self, epoch_ms: int) -> float:
        """At the first sample from then on."""
        return next(cpu for at, cpu in self._samples if at >= epoch_ms)

    def _sample(self) -> None:
        while not self._stopping.wait(SAMPLE_S):
            try:
                times = self._process.cpu_times()
            except psutil.NoSuchProcess:
                return
            self._samples.append((now_ms(), times.user + times.system))


@contextmanager
def measured(
    subject: Subject, *, brokers: str, log_level: str = "error"
) -> Iterator[tuple[Part, Meter]]:
    """Run it beside a Redis that is not there, which no worker waits for."""
    with tempfile.TemporaryDirectory() as folder:
        part = Part(
            subject.module,
            log=Path(folder) / "log",
            broker=brokers,
            partitions=str(PARTITIONS),
            redis=f"redis://127.0.0.1:{ports.free_port()}/0",
            log_level=log_level,
        )
        with processes.running(part):
            meter = Meter(part.pid)
            try:
                yield part, meter
            finally:
                meter.stop()


def now_ms() -> int:
    """Epoch ms, UTC: what the records in the log are stamped with."""
    return time.time_ns() // 1_000_000
