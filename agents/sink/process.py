"""A process that works until it is told to stop: how `agents.sink` and `agents.mirror` run."""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine

import structlog

from clickhouse.errors import ClickHouseError
from streams.errors import StreamError
from tables.errors import TablesError

log = structlog.get_logger(__name__)


def run(name: str, work: Coroutine[None, None, None]) -> None:
    """Work until SIGTERM or SIGINT; an error that is ours is one line and exit status 1.

    The work is cancelled wherever it is: it must be such that the log makes up for that.
    """
    # The driver would print a traceback, with values in it, for each row that does not fit.
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_until_told(work))
    except (ClickHouseError, StreamError, TablesError) as error:
        log.critical("stopped", part=name, code=error.code, reason=str(error))
        sys.exit(1)


async def _until_told(work: Coroutine[None, None, None]) -> None:
    task = asyncio.create_task(work)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()
