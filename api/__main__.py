"""The API's process: `python -m api`."""

import asyncio
import signal
import sys
from types import FrameType

import uvicorn

import settings
from api import app, security, services
from api.services import Services
from clickhouse.errors import ClickHouseUrlError
from settings import Settings
from streams.errors import StreamError
from tables.errors import RedisUrlError

STOP_S = 5
"""What is being answered may be finished; then the door closes."""

WATCH_S = 0.5


def default_keys(config: Settings) -> list[str]:
    """Name the settings that still have the value everybody knows."""
    known = Settings()
    names = ("write_key", "secret_key", "admin_token", "link_secret")
    return [
        name for name in names if set(getattr(config, name).split(",")) & {getattr(known, name), ""}
    ]


async def serve(config: Settings) -> None:
    """Serve until the process is told to stop, or Kafka's order is lost.

    Raises:
        StreamError: no Kafka at the start, or none to go on with.
    """
    async with services.opened(config) as opened:
        server = uvicorn.Server(
            uvicorn.Config(
                app.build(opened),
                host=config.host,
                port=config.port,
                log_level=config.log_level,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=STOP_S,
                h11_max_incomplete_event_size=16 * 1024,
            )
        )
        watching = asyncio.create_task(_watch(opened, server))
        try:
            await server.serve()
        finally:
            watching.cancel()
            await asyncio.wait([watching])
        if not watching.cancelled():
            watching.result()


async def _watch(opened: Services, server: uvicorn.Server) -> None:
    """End the server when the log cannot be written or followed any more.

    Raises:
        StreamError: why.
    """
    following = asyncio.create_task(opened.definitions.failed())
    try:
        while opened.producer.fatal is None and not following.done():
            await asyncio.wait([following], timeout=WATCH_S)
    finally:
        following.cancel()
        server.should_exit = True
    if opened.producer.fatal is not None:
        raise opened.producer.fatal
    following.result()


def _heard(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the server has heard it too.

    It raises its signal once more after it stopped; the default handlers would end the process
    then, before the producer is closed.
    """


def main() -> None:
    """Serve with the settings of the environment."""
    config = settings.load()
    known = default_keys(config)
    if known and not security.is_loopback(config.host):
        names = ", ".join(f"ONCUE_{name.upper()}" for name in known)
        sys.exit(f"oncue api: {config.host} is reachable by others: set {names} first")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _heard)
    try:
        asyncio.run(serve(config))
    except (StreamError, RedisUrlError, ClickHouseUrlError) as error:
        sys.exit(f"oncue api: {error}")


if __name__ == "__main__":
    main()
