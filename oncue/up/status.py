"""What `oncue status` prints: the last run's parts, each looked up among the living."""

from pathlib import Path

import msgspec

from oncue.up.supervisor import runs
from oncue.up.supervisor.runs import PartState, RunState


class PartStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the file, and whether its process is there."""

    state: PartState
    is_alive: bool


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The last run on a folder."""

    run: RunState
    is_alive: bool
    """The supervisor's process; without it no part survives."""
    parts: tuple[PartStatus, ...]

    @property
    def is_well(self) -> bool:
        """Everything that should run does."""
        return self.is_alive and all(
            part.state.phase == "done" or (part.state.phase == "ready" and part.is_alive)
            for part in self.parts
        )


def of(data: Path) -> Status | None:
    """Look up the run on a folder; None if there never was one."""
    run = runs.read(data)
    if run is None:
        return None
    return Status(
        run=run,
        is_alive=runs.is_alive(run.pid, since=run.birth),
        parts=tuple(
            PartStatus(
                state=part,
                is_alive=part.pid is not None and runs.is_alive(part.pid, since=part.birth),
            )
            for part in run.parts
        ),
    )


def lines(data: Path) -> list[str]:
    """Say it for people; `of` and `is_well` are for programs."""
    status = of(data)
    if status is None:
        return [f"nothing ever ran on {data}"]
    if not status.is_alive:
        return [
            f"not running; the last run was {status.run.run}, its logs are in {status.run.folder}"
        ]
    head = f"running as {status.run.pid}, run {status.run.run}, logs in {status.run.folder}/logs"
    width = max((len(part.state.name) for part in status.parts), default=0)
    keys = [f"{name}: {value}" for name, value in status.run.keys.items()]
    return [head, *(_line(part, width=width) for part in status.parts), *keys]


def _line(part: PartStatus, *, width: int) -> str:
    state = part.state
    phase = state.phase if part.is_alive or state.pid is None else "gone"
    restarts = f"started {state.starts_count} times" if state.starts_count > 1 else ""
    pid = str(state.pid or "-")
    return f"{state.name:{width}}  {phase:8}  {pid:>7}  {state.address}  {restarts}".rstrip()
