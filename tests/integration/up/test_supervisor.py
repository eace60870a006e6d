"""What the supervisor owes to its parts and to the person at the terminal, with real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from oncue.up import status
from oncue.up.supervisor import runs
from oncue.up.supervisor.runs import PartState
from tests.integration.up.small import SmallPart
from tests.support.waiting import eventually_now

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
LAST_WORD = (
    "import os, signal, sys, time\n"
    "def end(*_):\n"
    "    open({file!r}, 'a').write(os.environ['NAME'] + ' ')\n"
    "    sys.exit()\n"
    "signal.signal(signal.SIGTERM, end)\n"
    "open({ready!r}, 'a').close()\n"
    "time.sleep(600)"
)


class SmallRun:
    """A supervisor in a process of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.output = data.parent / f"{data.name}.out"
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *parts: SmallPart) -> subprocess.Popen[bytes]:
        """Start it; what it says goes to `output`."""
        command = [sys.executable, "-m", "tests.integration.up.small", str(self.data)]
        with self.output.open("ab") as output:
            process = subprocess.Popen(
                [*command, msgspec.json.encode(parts).decode()], stdout=output, stderr=output
            )
        self.processes.append(process)
        return process

    def said(self, text: str, *, within_s: float = 10) -> None:
        """Wait until it has said that."""
        eventually_now(lambda: text in self.output.read_text(), within_s=within_s)

    def part(self, name: str) -> PartState:
        """What `oncue.json` says of a part."""
        state = runs.read(self.data)
        assert state is not None
        return next(part for part in state.parts if part.name == name)

    def pid(self, name: str) -> int:
        """Of a part that runs."""
        pid = self.part(name).pid
        assert pid is not None
        return pid


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallRun]:
    run = SmallRun(tmp_path / "data")
    yield run
    for process in run.processes:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_parts_start_when_those_before_them_are_ready(small: SmallRun, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    small.start(
        SmallPart(name="store", ready_file=str(ready)), SmallPart(name="worker", after=("store",))
    )
    eventually_now((small.data / runs.STATE_FILE).exists)
    eventually_now(lambda: small.part("store").phase == "starting")
    phase_before = small.part("worker").phase

    ready.touch()
    small.said("all ready")

    assert (phase_before, small.part("worker").phase) == ("waiting", "ready")


def test_a_part_that_runs_once_opens_the_way_for_the_next(small: SmallRun) -> None:
    small.start(
        SmallPart(name="migrate", code="pass", once=True),
        SmallPart(name="worker", after=("migrate",)),
    )

    small.said("all ready")

    assert small.part("migrate").phase == "done"


def test_a_dead_part_is_started_again(small: SmallRun) -> None:
    small.start(SmallPart(name="worker"))
    small.said("all ready")
    first = small.pid("worker")

    os.kill(first, signal.SIGKILL)
    small.said("worker was killed by SIGKILL, again in 0.5 s")
    eventually_now(lambda: small.part("worker").phase == "ready")

    assert small.pid("worker") != first
    assert small.part("worker").starts_count == 2


def test_a_part_that_keeps_dying_waits_longer_each_time(small: SmallRun) -> None:
    small.start(SmallPart(name="worker", code="import time; time.sleep(0.5); raise SystemExit(3)"))

    small.said("worker ended with exit code 3, again in 0.5 s")
    small.said("worker ended with exit code 3, again in 1 s")
    small.said("worker ended with exit code 3, again in 2 s")


def test_the_death_of_an_essential_part_ends_everything(small: SmallRun) -> None:
    process = small.start(SmallPart(name="broker", essential=True), SmallPart(name="worker"))
    small.said("all ready")
    worker = small.pid("worker")

    os.kill(small.pid("broker"), signal.SIGKILL)

    assert process.wait(timeout=10) == 1
    assert "broker was killed by SIGKILL, and nothing works without it" in small.output.read_text()
    assert not runs.is_alive(worker, since=None)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_parts_and_is_no_failure(small: SmallRun, how: signal.Signals) -> None:
    process = small.start(SmallPart(name="store"), SmallPart(name="worker", after=("store",)))
    small.said("all ready")
    pids = [small.pid("store"), small.pid("worker")]

    process.send_signal(how)

    assert process.wait(timeout=10) == 0
    assert not any(runs.is_alive(pid, since=None) for pid in pids)


def test_who_needs_others_ends_before_them(small: SmallRun, tmp_path: Path) -> None:
    last_words = tmp_path / "words"
    parts = []
    for name, after in (("broker", ()), ("store", ("broker",)), ("worker", ("store",))):
        ready = str(tmp_path / f"{name}.ready")
        code = LAST_WORD.format(file=str(last_words), ready=ready)
        parts.append(SmallPart(name=name, code=code, ready_file=ready, after=after))
    process = small.start(*parts)
    small.said("all ready")

    process.terminate()
    process.wait(timeout=10)

    assert last_words.read_text().split() == ["worker", "store", "broker"]


def test_what_goes_on_beside_the_parts_ends_before_them(small: SmallRun) -> None:
    process = small.start(SmallPart(name="broker"))
    small.said("all ready")

    process.terminate()
    process.wait(timeout=10)

    assert small.output.read_text().splitlines()[-2:] == ["nothing goes on beside them", "stopping"]


def test_a_part_that_ignores_sigterm_does_not_hold_up_the_end(small: SmallRun) -> None:
    ready_after_start = STUBBORN.replace("time.sleep", "print('deaf', flush=True); time.sleep")
    process = small.start(SmallPart(name="store"), SmallPart(name="worker", code=ready_after_start))
    small.said("all ready")
    eventually_now(lambda: "deaf" in Path(small.part("worker").log).read_text())

    started_at = time.monotonic()
    process.terminate()
    process.wait(timeout=15)

    assert time.monotonic() - started_at < 10
    assert "worker had to be killed" in small.output.read_text()


def test_a_second_ctrl_c_ends_it_at_once(small: SmallRun) -> None:
    ready_after_start = STUBBORN.replace("time.sleep", "print('deaf', flush=True); time.sleep")
    process = small.start(SmallPart(name="worker", code=ready_after_start))
    small.said("all ready")
    eventually_now(lambda: "deaf" in Path(small.part("worker").log).read_text())

    process.send_signal(signal.SIGINT)
    small.said("stopping")
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=3) == 0


def test_killing_the_supervisor_leaves_no_part_behind(small: SmallRun, tmp_path: Path) -> None:
    parts = []
    for name in ("store", "worker"):
        ready = tmp_path / name
        code = f"open({str(ready)!r}, 'w').close(); {STUBBORN}"
        parts.append(SmallPart(name=name, code=code, ready_file=str(ready)))
    process = small.start(*parts)
    small.said("all ready")
    pids = [small.pid("store"), small.pid("worker")]

    process.kill()
    process.wait()

    eventually_now(lambda: not any(runs.is_alive(pid, since=None) for pid in pids), within_s=3)


def test_a_part_that_cannot_start_says_why(small: SmallRun) -> None:
    process = small.start(
        SmallPart(name="worker", code="raise SystemExit('no such topic')", ready_file="/none")
    )

    assert process.wait(timeout=10) == 1
    said = small.output.read_text()
    assert "worker ended with exit code 1 before it was ready" in said
    assert "no such topic" in said


def test_a_part_that_never_gets_ready_ends_the_start(small: SmallRun) -> None:
    process = small.start(SmallPart(name="api", ready_file="/none", ready_within_s=0.5))

    assert process.wait(timeout=10) == 1
    assert "api was not ready within 0.5 s" in small.output.read_text()


def test_one_folder_has_one_run(small: SmallRun) -> None:
    small.start(SmallPart(name="worker"))
    small.said("all ready")

    second = small.start(SmallPart(name="worker"))

    assert second.wait(timeout=10) == 1
    assert "oncue is already running on" in small.output.read_text()


def test_a_killed_run_does_not_keep_its_folder(small: SmallRun) -> None:
    first = small.start(SmallPart(name="worker"))
    small.said("all ready")
    first.kill()
    first.wait()
    small.output.write_text("")

    small.start(SmallPart(name="worker"))

    small.said("all ready")


def test_status_tells_the_living_from_the_dead(small: SmallRun) -> None:
    process = small.start(SmallPart(name="store"), SmallPart(name="worker"))
    small.said("all ready")
    while_running = status.of(small.data)
    printed = status.lines(small.data)

    process.terminate()
    process.wait(timeout=10)
    afterwards = status.of(small.data)

    assert while_running is not None
    assert while_running.is_well
    assert any("store" in line and "at store" in line for line in printed)
    assert "admin: secret" in printed
    assert afterwards is not None
    assert not afterwards.is_well
    assert status.lines(small.data)[0].startswith("not running")


def test_the_file_with_the_keys_is_its_owners_alone(small: SmallRun) -> None:
    small.start(SmallPart(name="worker"))
    small.said("all ready")

    assert (small.data / runs.STATE_FILE).stat().st_mode & 0o077 == 0
