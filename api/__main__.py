"""The API's process: `python -m api`."""

import asyncio
import signal
import socket
import sys
from types import FrameType

import structlog
import uvicorn

import logs
import settings
from api import app, services
from api.errors import WrongSettingError
from api.services import Services
from clickhouse.errors import ClickHouseUrlError
from settings import Settings
from streams.errors import StreamError
from tables.errors import RedisUrlError

STOP_S = 5
"""What is being answered may be finished; then the door closes."""

WATCH_S = 0.5

KEEP_ALIVE_S = 30
"""Longer than clients keep an idle connection (5 s is common): were it us who close first, a
request could meet the closing door."""

BACKLOG = 2_048
"""Connections that wait to be accepted: a burst of browsers, not an attack."""

HEAD_MAX_BYTES = 16 * 1024
"""Of a request's line and headers."""

log = structlog.get_logger(__name__)


async def serve(config: Settings) -> None:
    """Serve until the process is told to stop, or Kafka's order is lost.

    Raises:
        StreamError: no Kafka at the start, or none to go on with.
        WrongSettingError: a setting cannot be understood.
        OSError: somebody else listens there, or the address is not ours.
    """
    # Listening comes first: a port that is taken is said before anything is connected.
    with listener(config) as listening:
        async with services.opened(config) as opened:
            await _served(config, opened, listening)


def listener(config: Settings) -> socket.socket:
    """Listen where the settings say.

    Raises:
        OSError: somebody else listens there, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    address = (config.host.strip("[]"), config.port)
    return socket.create_server(address, family=family, backlog=BACKLOG)


async def _served(config: Settings, opened: Services, listening: socket.socket) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            app.build(opened),
            # Logging is set up already; access is counted, not logged.
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=STOP_S,
            h11_max_incomplete_event_size=HEAD_MAX_BYTES,
        )
    )
    watching = asyncio.create_task(_watch(opened, server))
    log.info("api_started", host=config.host, port=config.port)
    try:
        await server.serve(sockets=[listening])
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        log.info("api_stopped")
    if not watching.cancelled():
        watching.result()


async def _watch(opened: Services, server: uvicorn.Server) -> None:
    """End the server when the log cannot be written or followed any more.

    Raises:
        StreamError: why.
    """
    following = [
        asyncio.create_task(opened.definitions.failed()),
        asyncio.create_task(opened.catalogue.failed()),
        asyncio.create_task(opened.quintiles.keep(), name="rfm"),
        asyncio.create_task(opened.fanning.keep(), name="fanouts"),
        asyncio.create_task(opened.judge.keep(), name="experiments"),
        asyncio.create_task(opened.reassessor.keep(), name="reassessing"),
        asyncio.create_task(opened.backfiller.keep(), name="backfills"),
        asyncio.create_task(opened.scales.keep(), name="segments"),
        asyncio.create_task(opened.runner.keep(), name="jobs"),
    ]
    try:
        while opened.producer.fatal is None and not any(task.done() for task in following):
            await asyncio.wait(following, timeout=WATCH_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended = [task for task in following if task.done()]
        for task in following:
            task.cancel()
        server.should_exit = True
    if opened.producer.fatal is not None:
        raise opened.producer.fatal
    for task in ended:
        task.result()


def _heard(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the server has heard it too.

    It raises its signal once more after it stopped; the default handlers would end the process
    then, before the producer is closed.
    """


def main() -> None:
    """Serve with the settings of the environment."""
    config = settings.load()
    logs.configure(config.log_level)
    refusal = settings.refusal(config)
    if refusal is not None:
        sys.exit(f"oncue api: {refusal}")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _heard)
    try:
        asyncio.run(serve(config))
    except (StreamError, RedisUrlError, ClickHouseUrlError, WrongSettingError) as error:
        sys.exit(f"oncue api: {error}")
    except OSError as error:
        # Python repeats the address in brackets behind it.
        reason = str(error.strerror).partition(" (")[0]
        sys.exit(f"oncue api: cannot listen on {config.host}:{config.port}: {reason}")


if __name__ == "__main__":
    main()
