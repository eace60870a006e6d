"""A run of small parts, as a process: `python -m tests.integration.up.small DATA PARTS`."""

import asyncio
import sys
from pathlib import Path

import msgspec

from oncue.up.errors import UpError
from oncue.up.supervisor import running, runs
from oncue.up.supervisor.parts import Part, Probe


class SmallPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part whose process runs a line of Python."""

    name: str
    code: str = "import time; time.sleep(600)"
    ready_file: str = ""
    """Ready once it exists; empty: ready at once."""
    ready_within_s: float = 20
    essential: bool = False
    once: bool = False
    after: tuple[str, ...] = ()


def main() -> None:
    """Run them; the exit code is the supervisor's."""
    data = Path(sys.argv[1])
    small = msgspec.json.decode(sys.argv[2], type=list[SmallPart])
    try:
        with runs.claimed(data):
            place = running.Place(data=data, folder=runs.new_run(data), keys={"admin": "secret"})
            wanted = [_part(part) for part in small]
            sys.exit(
                asyncio.run(
                    running.run(
                        wanted, place, say=_say, on_ready=_all_ready, beside=[_until_cancelled]
                    )
                )
            )
    except UpError as error:
        _say(str(error))
        sys.exit(1)


def _part(small: SmallPart) -> Part:
    return Part(
        name=small.name,
        command=(sys.executable, "-c", small.code),
        environment={"NAME": small.name},
        is_ready=_probe(Path(small.ready_file)) if small.ready_file else None,
        ready_within_s=small.ready_within_s,
        address=f"at {small.name}",
        essential=small.essential,
        once=small.once,
        after=small.after,
    )


def _probe(file: Path) -> Probe:
    async def exists(_: int) -> bool:
        return await asyncio.to_thread(file.exists)

    return exists


async def _until_cancelled() -> None:
    try:
        await asyncio.Event().wait()
    finally:
        _say("nothing goes on beside them")


def _all_ready() -> None:
    _say("all ready")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
