"""`oncue up`: addresses and keys chosen, parts started, a table shown, everything ended."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from rich.console import Console
from rich.table import Table

from oncue.up import given, guard, keeping, parts
from oncue.up.errors import UpError
from oncue.up.parts import Addresses
from oncue.up.ports import Promises
from oncue.up.supervisor import running, runs
from oncue.up.supervisor.running import Place
from streams.errors import StreamError

PREFERRED: Final = {"broker": 9092, "redis": 6379, "clickhouse": 8123}
"""Where people look for these servers; another free port is taken when one is in use."""

WORDS: Final = {
    "broker": "the broker keeps its log in memory: this run's events end with it",
}

Visit = Callable[[Addresses], Awaitable[int]]
"""What is done with the running stack: the demo; its result is the exit code."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    data: Path
    port: int
    keys: dict[str, str]
    """`write_key`, `secret_key`, `admin_token`."""
    environment: dict[str, str]
    """Settings that every part of ours gets beside the addresses."""
    keeps_definitions: bool = True
    """Apply those of the folder at the start, and write it as they change."""
    broker: str | None = None
    redis: str | None = None
    clickhouse: str | None = None


def run(request: Request, *, console: Console, visit: Visit | None = None) -> int:
    """Start, and stay until told to stop; or until the visit ends."""
    try:
        with runs.claimed(request.data), Promises() as promises:
            addresses = _addresses(request, promises)
            return asyncio.run(_run(request, addresses, console=console, visit=visit))
    except UpError as error:
        say(console, str(error), style="red")
        return 1


async def _run(
    request: Request, addresses: Addresses, *, console: Console, visit: Visit | None
) -> int:
    given.check_mail(request.environment)
    await given.check(broker=request.broker, redis=request.redis, clickhouse=request.clickhouse)
    folder = runs.new_run(request.data)
    started = time.monotonic()
    listed = parts.listed(
        addresses,
        folder=folder,
        definitions=request.data if request.keeps_definitions else None,
        environment=_environment(request, addresses),
    )

    is_ready = asyncio.Event()

    def show() -> None:
        is_ready.set()
        console.print(_table(addresses, request, folder))
        console.print(f"ready after {time.monotonic() - started:.1f} s; Ctrl-C ends all")

    return await running.run(
        listed,
        Place(data=request.data, folder=folder, keys=request.keys),
        say=lambda line: say(console, line),
        on_ready=show,
        visit=None if visit is None else lambda: visit(addresses),
        beside=[
            lambda: guard.watch(request.data, redis=addresses.redis),
            # Ended in time: the broker waits five seconds for a client that is still there.
            lambda: _keep_definitions(request, addresses, is_ready, console=console),
        ],
    )


async def _keep_definitions(
    request: Request, addresses: Addresses, is_ready: asyncio.Event, *, console: Console
) -> None:
    """Only what the embedded broker would forget; one of the user's remembers by itself."""
    if not request.keeps_definitions or addresses.broker_port is None:
        return
    await is_ready.wait()
    try:
        await keeping.keep(request.data, brokers=addresses.broker)
    except StreamError as error:
        # Most likely the broker is gone, and its end is that of the run.
        say(console, f"definitions are no longer written to files: {error}")


def say(console: Console, line: str, *, style: str | None = None) -> None:
    """Print a line as it is: brackets are no markup, and nothing is broken at 80 columns."""
    console.print(line, style=style, markup=False, emoji=False, highlight=False, soft_wrap=True)


async def until_stopped() -> None:
    """Stay: the supervisor's signal handler ends whatever waits here."""
    await asyncio.Event().wait()


def _addresses(request: Request, promises: Promises) -> Addresses:
    port = promises.require(request.port, option="--port")

    def chosen(name: str, given: str | None) -> int | None:
        return None if given is not None else promises.pick([PREFERRED[name]])

    broker_port = chosen("broker", request.broker)
    redis_port = chosen("redis", request.redis)
    clickhouse_port = chosen("clickhouse", request.clickhouse)
    return Addresses(
        broker=request.broker or f"127.0.0.1:{broker_port}",
        redis=request.redis or f"redis://127.0.0.1:{redis_port}/0",
        clickhouse=request.clickhouse or f"http://127.0.0.1:{clickhouse_port}",
        port=port,
        broker_port=broker_port,
        redis_port=redis_port,
        clickhouse_port=clickhouse_port,
    )


def _environment(request: Request, addresses: Addresses) -> dict[str, str]:
    return {
        **request.environment,
        "ONCUE_BROKER": addresses.broker,
        "ONCUE_REDIS": addresses.redis,
        "ONCUE_CLICKHOUSE": addresses.clickhouse,
        "ONCUE_PORT": str(addresses.port),
    }


def _table(addresses: Addresses, request: Request, folder: Path) -> Table:
    table = Table(title="Oncue", title_justify="left", show_header=False)
    table.add_row("page, API, collector", addresses.url)
    table.add_row("Kafka", addresses.broker)
    table.add_row("Redis", _without_password(addresses.redis))
    table.add_row("ClickHouse", _without_password(addresses.clickhouse))
    for name, value in request.keys.items():
        table.add_row(name.replace("_", " "), value)
    table.add_row("logs", str(folder / runs.LOGS))
    if addresses.broker_port is not None:
        table.add_row("note", WORDS["broker"])
    return table


def _without_password(url: str) -> str:
    parsed = urlsplit(url)
    return url.replace(f":{parsed.password}@", ":***@") if parsed.password else url
