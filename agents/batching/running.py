"""Running an application in the event loop of its process."""

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Coroutine
from typing import Final

import structlog

from agents.batching import fatal
from agents.batching.app import BatchApp
from streams.errors import StreamError
from tables.errors import TablesError

STOP_TIMEOUT_S: Final = 20.0
"""Longer than a drain; after it the process ends the hard way, which loses nothing."""

log = structlog.get_logger(__name__)


def run(name: str, work: Coroutine[None, None, None]) -> None:
    """Run a part's work; what is wrong around it is one line, and exit status 75."""
    try:
        asyncio.run(work)
    except (StreamError, TablesError) as error:
        log.critical("stopped", part=name, code=error.code, reason=str(error))
        sys.exit(fatal.EXIT_CODE)


async def until_stopped(app: BatchApp, *, stop: asyncio.Event | None = None) -> None:
    """Start, wait for SIGTERM, SIGINT or `stop`, finish the running chunks, commit, leave.

    An error while starting ends the process like any other.
    """
    quiet()
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    app.in_worker = True
    starting = asyncio.create_task(_start(app))
    await stop.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)
    with fatal.guard:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await app.stop()
            await starting


async def _start(app: BatchApp) -> None:
    with fatal.guard:
        await app.start()


def quiet() -> None:
    """Stop Faust and aiokafka from building debug records nobody reads.

    They did so at 13 % of the time with the handlers at level error; some hold keys and values.
    """
    for name in ("faust", "mode", "aiokafka"):
        logging.getLogger(name).setLevel(logging.WARNING)


def tune_collector() -> None:
    """Collect garbage rarely: a worker's rows are many and live long.

    Worth 20 % at 5,000 rows and 60 % at 200,000. Call once, when everything is imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)
