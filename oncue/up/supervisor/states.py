"""What the supervisor knows of each part, kept in `oncue.json` at every change."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from oncue.up.supervisor import runs
from oncue.up.supervisor.children import Child
from oncue.up.supervisor.parts import Part
from oncue.up.supervisor.runs import PartPhase, PartState, RunState


class States:
    """The file, and what is in it."""

    def __init__(self, data: Path, run: RunState) -> None:
        self._data = data
        self._run = run
        self._parts = {state.name: state for state in run.parts}
        self._write()

    def started(self, child: Child) -> None:
        """A process of the part runs, and is not ready yet."""
        before = self._parts[child.part.name]
        self._put(
            msgspec.structs.replace(
                before,
                phase="starting",
                pid=child.pid,
                birth=runs.birth(child.pid),
                starts_count=before.starts_count + 1,
            )
        )

    def became(self, name: str, phase: PartPhase) -> None:
        """A part has changed; one that does not run has no pid."""
        state = msgspec.structs.replace(self._parts[name], phase=phase)
        if phase not in {"starting", "ready"}:
            state = msgspec.structs.replace(state, pid=None, birth=None)
        self._put(state)

    def all_stopped(self) -> None:
        """The run is over."""
        for name in self._parts:
            self.became(name, "stopped")

    def _put(self, state: PartState) -> None:
        self._parts[state.name] = state
        self._write()

    def _write(self) -> None:
        parts = tuple(self._parts.values())
        runs.write(self._data, msgspec.structs.replace(self._run, parts=parts))


def initial(parts: Sequence[Part], *, folder: Path, keys: Mapping[str, str]) -> RunState:
    """Describe a run before anything is started."""
    return RunState(
        run=folder.name,
        folder=str(folder),
        pid=os.getpid(),
        birth=runs.birth(os.getpid()),
        started_at=time.time_ns() // 1_000_000,
        keys=keys,
        parts=tuple(
            PartState(
                name=part.name,
                phase="waiting",
                address=part.address,
                log=str(log_of(folder, part.name)),
            )
            for part in parts
        ),
    )


def log_of(folder: Path, name: str) -> Path:
    """Where a part's output goes."""
    return folder / runs.LOGS / f"{name}.log"
