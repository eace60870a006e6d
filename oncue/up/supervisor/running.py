"""The run: each part has a task that keeps it alive, and any of them may end the whole."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn, TypeAlias

import msgspec

from oncue.up import backoff
from oncue.up.errors import PartFailedError
from oncue.up.supervisor import children, parts, states, stopping
from oncue.up.supervisor.children import Child
from oncue.up.supervisor.parts import Part
from oncue.up.supervisor.states import States

POLL_S: Final = 0.1
FIRST_STARTS: Final = 3
"""A part that dies this often before it was ever ready will not come up by itself."""


Visit: TypeAlias = Callable[[], Awaitable[int]]
"""What is done with the running parts; its result is the exit code."""

Beside: TypeAlias = Callable[[], Coroutine[None, None, None]]
"""What is done while they run. An error of it is a bug, and ends the run."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run lives."""

    data: Path
    """The folder that is `claimed`; `oncue.json` lies there."""
    folder: Path
    """Of this run, from `new_run`."""
    keys: Mapping[str, str] = {}
    """Written to `oncue.json`, for those who talk to the parts."""


class StopAskedError(Exception):
    """SIGINT or SIGTERM: the ordinary end."""


async def run(
    wanted: Sequence[Part],
    place: Place,
    *,
    say: Callable[[str], None],
    on_ready: Callable[[], None] = lambda: None,
    visit: Visit | None = None,
    beside: Sequence[Beside] = (),
) -> int:
    """Run the parts until a signal or a death ends them; returns the exit code.

    Belongs into the main thread: the kernel ends the children with the thread that made them.

    Args:
        wanted: the parts, in the order in which people read them.
        place: folders and keys.
        say: takes one line of progress.
        on_ready: called once, when every part is ready.
        visit: done with the running parts then; its end ends the run, with its exit code.
        beside: done as long as the parts run; cancelled before the first of them is ended.
    """
    return await Supervisor(wanted, place, say=say).run(on_ready, visit, beside)


class VisitEndedError(StopAskedError):
    """What was to be done with the running parts is done."""

    def __init__(self, exit_code: int) -> None:
        super().__init__()
        self.exit_code = exit_code


class Supervisor:
    """The state of one run."""

    def __init__(self, wanted: Sequence[Part], place: Place, *, say: Callable[[str], None]) -> None:
        self._waves = parts.waves(list(wanted))
        self._wanted = wanted
        self._folder = place.folder
        self._say = say
        self._states = States(
            place.data, states.initial(wanted, folder=place.folder, keys=place.keys)
        )
        self._children: dict[str, Child] = {}
        self._ready = {part.name: asyncio.Event() for part in wanted}
        self._stop_asked = asyncio.Event()
        self._stop_at_once = asyncio.Event()

    async def run(
        self, on_ready: Callable[[], None], visit: Visit | None, beside: Sequence[Beside]
    ) -> int:
        """Start, keep, stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._ask_to_stop)
        exit_code = 0
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._until_asked())
                group.create_task(self._until_all_ready(on_ready, visit))
                for work in beside:
                    group.create_task(work())
                for part in self._wanted:
                    group.create_task(self._keep(part))
        except* StopAskedError as ends:
            self._say("stopping")
            exit_code = max(
                end.exit_code if isinstance(end, VisitEndedError) else 0 for end in ends.exceptions
            )
        except* PartFailedError as failures:
            exit_code = 1
            for failure in failures.exceptions:
                self._say(str(failure))
        finally:
            await self._stop()
        return exit_code

    def _ask_to_stop(self) -> None:
        if self._stop_asked.is_set():
            self._stop_at_once.set()
        self._stop_asked.set()

    async def _until_asked(self) -> NoReturn:
        await self._stop_asked.wait()
        raise StopAskedError

    async def _until_all_ready(self, on_ready: Callable[[], None], visit: Visit | None) -> None:
        for event in self._ready.values():
            await event.wait()
        on_ready()
        if visit is not None:
            raise VisitEndedError(await visit())

    async def _keep(self, part: Part) -> None:
        for name in part.after:
            await self._ready[name].wait()
        loop = asyncio.get_running_loop()
        delay_s = 0.0
        starts_count = 0
        while True:
            started_at_s = loop.time()
            starts_count += 1
            child = await self._start(part)
            if await self._lived(part, child, starts_count):
                return
            delay_s = backoff.next_delay_s(delay_s, ran_s=loop.time() - started_at_s)
            self._states.became(part.name, "down")
            self._say(f"{part.name} {child.how_ended}, again in {delay_s:g} s")
            await asyncio.sleep(delay_s)

    async def _lived(self, part: Part, child: Child, starts_count: int) -> bool:
        """Follow one process to its end; True if that is how it should be.

        Raises:
            PartFailedError: the whole must end.
        """
        became_ready = await self._until_ready(part, child)
        if became_ready:
            self._is_ready(part)
            if part.once:
                return True
            await child.ended()
            if part.essential:
                self._fail(part, f"{child.how_ended}, and nothing works without it: stopping")
        elif not self._ready[part.name].is_set():
            if child.is_alive:
                self._fail(part, f"was not ready within {part.ready_within_s:g} s")
            if part.once or starts_count >= FIRST_STARTS:
                self._fail(part, f"{child.how_ended} before it was ready")
        elif child.is_alive:
            child.signal(signal.SIGKILL)
            await child.ended()
        return False

    async def _start(self, part: Part) -> Child:
        child = await children.start(part, log=states.log_of(self._folder, part.name))
        self._children[part.name] = child
        self._states.started(child)
        return child

    async def _until_ready(self, part: Part, child: Child) -> bool:
        """Probe until it is ready, has ended, or the time is over."""
        try:
            async with asyncio.timeout(part.ready_within_s):
                if part.once:
                    return await child.ended() == 0
                while child.is_alive:
                    if part.is_ready is None or await part.is_ready(child.pid):
                        return child.is_alive
                    await asyncio.sleep(POLL_S)
        except TimeoutError:
            return False
        return False

    def _is_ready(self, part: Part) -> None:
        self._states.became(part.name, "done" if part.once else "ready")
        self._say(f"{part.name} {'done' if part.once else 'ready'} {part.address}".rstrip())
        self._ready[part.name].set()

    def _fail(self, part: Part, how: str) -> NoReturn:
        log = states.log_of(self._folder, part.name)
        raise PartFailedError(part.name, how, log=log, last_lines=children.last_lines(log))

    async def _stop(self) -> None:
        waves = [
            [self._children[part.name] for part in wave if part.name in self._children]
            for wave in self._waves
        ]
        for name in await stopping.stop(waves, at_once=self._stop_at_once):
            self._say(f"{name} had to be killed")
        self._states.all_stopped()
