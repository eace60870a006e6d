"""Connections to Redis: made from a URL, with timeouts, their errors in our words."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

from redis import exceptions
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from tables.errors import RedisAwayError, RedisRefusedError, RedisUrlError

PREFIX: Final = "oncue:"
"""Of every key of ours: the Redis may be shared."""

TIMEOUT_S: Final = 2.0
"""Of a connect and of an answer; Redis takes less than a millisecond or is not well."""

CONNECTIONS_MAX: Final = 32

CANCEL_AGAIN_S: Final = 0.1

_AWAY: Final = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    # Its data is being read, it is a replica for now, its memory is full: later.
    exceptions.BusyLoadingError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
)


def address_of(url: str) -> str:
    """Find HOST:PORT, for people.

    Raises:
        RedisUrlError: it is no URL of a Redis.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise RedisUrlError(reason=str(error)) from error
    if parts.scheme not in {"redis", "rediss"}:
        raise RedisUrlError(reason=f"scheme {parts.scheme!r}")
    if not parts.hostname:
        raise RedisUrlError(reason="no host")
    database = parts.path.removeprefix("/")
    if database and not database.isdecimal():
        raise RedisUrlError(reason=f"database {database!r}")
    return f"{parts.hostname}:{port or 6379}"


def connect(url: str) -> Redis:
    """Make a pool; nothing is connected before the first command.

    Raises:
        RedisUrlError: it is no URL of a Redis.
    """
    address_of(url)
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        max_connections=CONNECTIONS_MAX,
        # Once at most: a connection that the server closed while nobody used it.
        retry=Retry(NoBackoff(), 1),
    )


@contextmanager
def translated(address: str) -> Iterator[None]:
    """Turn the client's errors into ours.

    Raises:
        RedisAwayError: nobody answers, or not now.
        RedisRefusedError: a wrong password, a missing right.
    """
    try:
        yield
    except (exceptions.AuthenticationError, exceptions.AuthorizationError) as error:
        raise RedisRefusedError(address=address, reason=_line(error)) from error
    except _AWAY as error:
        raise RedisAwayError(address=address, reason=_line(error)) from error
    except exceptions.RedisError as error:
        raise RedisRefusedError(address=address, reason=_line(error)) from error


async def close(client: Redis) -> None:
    """Let the connections go, even if Redis does not take its leave in time.

    A goodbye that takes longer than `TIMEOUT_S` (a busy machine) leaves nothing open, so it is no
    error: what was asked before is answered.
    """
    with suppress(exceptions.TimeoutError):
        await client.aclose()


async def stop(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel tasks that talk to Redis until they have ended; their outcomes stay with them.

    Once is not enough: the client waits with asyncio.wait_for, which loses a cancellation that
    comes together with an answer (Python 3.11, bpo-37658).
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


def _line(error: Exception) -> str:
    """The reason alone: the client repeats number and address around it."""
    text = " ".join(str(error).split())
    return text.partition("Error ")[2] or text or type(error).__name__
