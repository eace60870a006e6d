"""Dying at once: the only safe answer to an error inside a chunk.

Faust acknowledges a message whose agent raised, restarts the agent, and goes on with the next
message; an error in a recovery callback it logs and forgets. Both lose data. Here the process
ends before anything can be committed, the supervisor starts it again, and Kafka replays.
"""

import asyncio
import os
import sys
import traceback
from types import TracebackType
from typing import Final, NoReturn

import structlog

EXIT_CODE: Final = 75
"""EX_TEMPFAIL of sysexits.h: "try again later" to whoever supervises."""

log = structlog.get_logger(__name__)


def crash(error: BaseException) -> NoReturn:
    """End the process now, without stopping services: each of them might still commit."""
    log.critical("crashed", error=repr(error), code=getattr(error, "code", "bug"))
    traceback.print_exception(error, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_CODE)


class Guard:
    """`with fatal.guard:` ends the process on any error but cancellation.

    Cancellation passes: it is how a rebalance or a stop interrupts, and commits nothing.
    """

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Die of `error`, if there is one."""
        if error is not None and not isinstance(error, asyncio.CancelledError | GeneratorExit):
            crash(error)


guard: Final = Guard()
