"""A collector for tests, and what it leaves in the log."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import httpx
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from api import problems
from api.collector import routes
from api.collector.collector import OPEN, Collector
from api.collector.credentials import Key, Keys
from api.collector.rules import Rules
from engine.deadletters import DeadLetter
from engine.events import Event
from streams import wire
from streams.consumer import Reader
from streams.producer import Producer
from streams.records import Received
from tests.support import ports
from tests.support.waiting import eventually

KEYS: Final = Keys(
    Key(name="web", value="write-1"), Key(name="back-office", value="secret-1", is_secret=True)
)
BASIC: Final = {"authorization": "Basic " + base64.b64encode(b"write-1:").decode()}
SECRET: Final = {"authorization": "Bearer secret-1"}


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """A collector and a client that talks to it within this process."""

    app: Starlette
    client: httpx.AsyncClient
    brokers: str

    async def post(
        self, path: str, body: object, headers: Mapping[str, str] = BASIC
    ) -> httpx.Response:
        """Post JSON, or bytes as they are."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return await self.client.post(path, content=content, headers=dict(headers))


class Log:
    """Reads what was appended since the test began."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def records(self) -> list[Received]:
        """Everything up to now, oldest first within a partition."""
        return [record async for batch in self._reader.read_to_end() for record in batch]

    async def events(self) -> list[Event]:
        """The events up to now."""
        return [
            wire.decode_event(record.value, None).event
            for record in await self.records()
            if record.topic == "events"
        ]

    async def refused(self) -> list[DeadLetter]:
        """The dead letters up to now."""
        return [
            msgspec.json.decode(record.value or b"", type=DeadLetter)
            for record in await self.records()
            if record.topic == "dead-letters"
        ]


@asynccontextmanager
async def collector(
    *,
    brokers: str,
    acknowledge_timeout_ms: int = 5_000,
    is_full: Callable[[], bool] = lambda: False,
    max_waiting_count: int = 200_000,
    rules: Rules = OPEN,
) -> AsyncIterator[Served]:
    """Run a collector in this process."""
    async with Producer(brokers=brokers, max_waiting_count=max_waiting_count) as producer:
        app = application(
            producer,
            acknowledge_timeout_ms=acknowledge_timeout_ms,
            is_full=is_full,
            rules=rules,
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://collector") as client:
            yield Served(app=app, client=client, brokers=brokers)
            if acknowledge_timeout_ms < 1_000:
                await producer.close(deadline_ms=0)


def application(
    producer: Producer,
    *,
    acknowledge_timeout_ms: int = 5_000,
    is_full: Callable[[], bool] = lambda: False,
    rules: Rules = OPEN,
) -> Starlette:
    """The collector alone."""
    found = Collector(
        producer=producer,
        keys=KEYS,
        acknowledge_timeout_ms=acknowledge_timeout_ms,
        now=lambda: time.time_ns() // 1_000_000,
        is_full=is_full,
        rules=rules,
    )
    return Starlette(routes=list(routes.routes(found)), exception_handlers=dict(problems.HANDLERS))


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[int]:
    """Serve an application on a port of this machine, and give the port."""
    port = ports.free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or serving.done())
        yield port
    finally:
        server.should_exit = True
        await serving
