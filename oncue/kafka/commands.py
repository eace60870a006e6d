"""Run a program to its end."""

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a program ended, and all it printed."""

    status: int
    output: str


async def run(command: Sequence[str], *, timeout_s: float) -> Outcome:
    """Run and wait; whoever is cancelled meanwhile leaves no process behind.

    Raises:
        TimeoutError: it was still running, and was killed.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), timeout_s)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    return Outcome(status=await process.wait(), output=output.decode(errors="replace"))
