"""The folder of the data: who runs on it (`oncue.json`, a lock) and what each run left behind."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from oncue.up.errors import AlreadyRunningError, FolderError

STATE_FILE = "oncue.json"
LOCK_FILE = ".lock"
LOGS = "logs"

KEPT_RUNS = 4
"""Each has a ClickHouse of its own, which nobody reads again by itself."""

PartPhase = Literal["waiting", "starting", "ready", "down", "done", "stopped"]


class PartState(msgspec.Struct, frozen=True, kw_only=True):
    """A part, as others may know it."""

    name: str
    phase: PartPhase
    pid: int | None = None
    birth: int | None = None
    """Of the process, in the kernel's ticks: tells it from a later one with the same pid."""
    address: str = ""
    starts_count: int = 0
    log: str = ""


class RunState(msgspec.Struct, frozen=True, kw_only=True):
    """What `DIR/oncue.json` holds."""

    run: str
    folder: str
    """Of this run."""
    pid: int
    birth: int | None
    started_at: int
    keys: Mapping[str, str]
    parts: tuple[PartState, ...]


@contextlib.contextmanager
def claimed(data: Path) -> Iterator[None]:
    """Hold the folder for this process, creating it if need be.

    Raises:
        AlreadyRunningError: another process holds it. The lock is the kernel's: it goes with
            its process, however that ends.
        FolderError: it cannot be made, or not be written.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = (data / LOCK_FILE).open("w")
    except OSError as error:
        raise FolderError(data, reason=error.strerror or str(error)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunningError(data) from error
        yield


def new_run(data: Path) -> Path:
    """Make the folder of a run, with one for its logs; named by the time and our pid.

    Of the runs before, the newest `KEPT_RUNS` stay.
    """
    for old in sorted((data / "runs").glob("*Z-*"))[:-KEPT_RUNS]:
        shutil.rmtree(old)
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    folder = data / "runs" / f"{now}-{os.getpid()}"
    (folder / LOGS).mkdir(parents=True)
    return folder


def read(data: Path) -> RunState | None:
    """Read the state of the last run; None if there was none."""
    try:
        text = (data / STATE_FILE).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(text, type=RunState)


def write(data: Path, state: RunState) -> None:
    """Replace the file in one step; it holds keys, so only its owner reads it."""
    text = msgspec.json.format(msgspec.json.encode(state), indent=2)
    draft = data / f".{STATE_FILE}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
    draft.replace(data / STATE_FILE)


def birth(pid: int) -> int | None:
    """When a process began, in ticks since boot; None when it is gone, or without /proc."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The second field is the name in brackets, which may hold anything.
    return int(stat.rpartition(")")[2].split()[19])


def is_alive(pid: int, *, since: int | None) -> bool:
    """Tell whether a process of the file still runs, and is the same."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return since is None or birth(pid) == since
