"""What `oncue status` says of a folder."""

import os
from pathlib import Path

import msgspec
import pytest

from oncue.up import memory, status
from oncue.up.supervisor import runs
from oncue.up.supervisor.runs import PartState, RunState

PID = os.getpid()
BIRTH = runs.birth(PID)
NO_PID = 2**22 + 1
"""Above the kernel's largest."""

READY = PartState(name="api", phase="ready", pid=PID, birth=BIRTH, address="http://127.0.0.1:8080")


def run_of(*parts: PartState) -> RunState:
    return RunState(
        run="r1",
        folder="/runs/r1",
        pid=PID,
        birth=BIRTH,
        started_at=0,
        keys={"write key": "demo"},
        parts=parts,
    )


def test_a_folder_without_a_run_says_so(tmp_path: Path) -> None:
    assert status.lines(tmp_path) == [f"nothing ever ran on {tmp_path}"]


def test_parts_that_run_are_listed_with_their_addresses(tmp_path: Path) -> None:
    runs.write(tmp_path, run_of(READY))

    assert any(READY.address in line for line in status.lines(tmp_path))
    assert "write key: demo" in status.lines(tmp_path)


@pytest.mark.parametrize(
    ("part", "is_well"),
    [
        (READY, True),
        (PartState(name="migrate", phase="done"), True),
        (PartState(name="worker", phase="down"), False),
        (msgspec.structs.replace(READY, pid=NO_PID), False),
        (msgspec.structs.replace(READY, birth=(BIRTH or 0) + 1), False),
    ],
)
def test_a_run_is_well_when_all_its_processes_are_the_same_and_ready(
    tmp_path: Path,
    part: PartState,
    is_well: bool,  # noqa: FBT001  a column of the table
) -> None:
    runs.write(tmp_path, run_of(READY, part))

    found = status.of(tmp_path)

    assert found is not None
    assert found.is_well is is_well


def test_the_memory_of_a_process_is_read_in_bytes() -> None:
    assert (memory.resident_bytes(PID) or 0) > 1_000_000


def test_a_process_that_is_gone_has_no_memory() -> None:
    assert memory.resident_bytes(NO_PID) is None
