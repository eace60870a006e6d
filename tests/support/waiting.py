"""Wait for what will be true soon, instead of sleeping for as long as it might take."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, overload

T = TypeVar("T")

POLL_S: Final = 0.02


@overload
async def eventually(check: Callable[[], Awaitable[T]], *, within_s: float = 10) -> T: ...


@overload
async def eventually(check: Callable[[], T], *, within_s: float = 10) -> T: ...


async def eventually(
    check: Callable[[], T | Awaitable[T]], *, within_s: float = 10
) -> T | Awaitable[T]:
    """Poll until `check` gives something true, and return that.

    Raises:
        AssertionError: it was still false at the deadline.
    """
    deadline = time.monotonic() + within_s
    while True:
        found = check()
        value = await found if inspect.isawaitable(found) else found
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {within_s} s")
        await asyncio.sleep(POLL_S)


def eventually_now(check: Callable[[], T], *, within_s: float = 10) -> T:
    """The same without an event loop.

    Raises:
        AssertionError: it was still false at the deadline.
    """
    deadline = time.monotonic() + within_s
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {within_s} s")
        time.sleep(POLL_S)
