"""The end: who needs others goes first, and nobody is left behind."""

import asyncio
import signal
from collections.abc import Sequence
from typing import Final

from oncue.up.supervisor.children import Child

TERMINATE_WITHIN_S: Final = 7.0
"""For all waves together; then those still there are killed."""
WAVE_AFTERWARDS_S: Final = 0.5
"""For each later wave, once the time is used up: a store still gets to close its files."""


async def stop(waves: Sequence[Sequence[Child]], *, at_once: asyncio.Event) -> list[str]:
    """End every child, the last wave first; `at_once` kills them all without waiting.

    Returns:
        The names of those that had to be killed.
    """
    deadline = asyncio.get_running_loop().time() + TERMINATE_WITHIN_S
    killed: list[str] = []
    for wave in reversed(waves):
        for child in wave:
            child.signal(signal.SIGTERM)
        left_s = deadline - asyncio.get_running_loop().time()
        await _all_ended(wave, within_s=max(left_s, WAVE_AFTERWARDS_S), at_once=at_once)
        stragglers = [child for child in wave if child.is_alive]
        for child in stragglers:
            child.signal(signal.SIGKILL)
            await child.ended()
        killed += [child.part.name for child in stragglers]
    return killed


async def _all_ended(wave: Sequence[Child], *, within_s: float, at_once: asyncio.Event) -> None:
    async def ends() -> None:
        for child in wave:
            await child.ended()

    async def hurries() -> None:
        await at_once.wait()

    waiting = {asyncio.create_task(ends()), asyncio.create_task(hurries())}
    await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
