"""The real analytics-python, pointed at the collector."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Final

import pytest
from segment.analytics.client import Client
from segment.analytics.request import APIError
from starlette.types import Receive, Scope, Send

from engine.events import (
    Aliased,
    Grouped,
    Identified,
    OrderCompleted,
    PageViewed,
    SourceEvent,
)
from tests.integration.collector import serving
from tests.integration.collector.serving import Log, Served
from tests.support.brokers import fresh_name

YESTERDAY: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def host(served: Served) -> AsyncIterator[str]:
    async with serving.listening(served.app) as port:
        yield f"http://127.0.0.1:{port}"


async def in_thread(client: Client, send: Callable[[Client], object]) -> list[Exception]:
    """Use a tracker as its users do, blocking; give the errors it reports."""
    errors: list[Exception] = []
    client.on_error = lambda error, _: errors.append(error)
    for consumer in client.consumers or []:
        consumer.on_error = client.on_error

    def run() -> None:
        send(client)
        client.flush()
        client.join()

    await asyncio.to_thread(run)
    return errors


def every_call(client: Client, user: str) -> None:
    client.identify(user, {"email": "ann@shop.example", "age": 30})
    client.track(
        user,
        "Order Completed",
        {"order_id": "o1", "total": 33.20, "products": [{"product_id": 1, "price": 33.20}]},
        timestamp=YESTERDAY,
    )
    client.page(user, "Docs", "Home", {"url": "https://shop.example/"})
    client.screen(user, "Docs", "Start")
    client.group(user, "g1", {"plan": "pro"})
    client.alias("old", user)
    client.track(anonymous_id="device-1", event="Song Played")


@pytest.mark.parametrize("is_packed", [False, True])
async def test_every_call_of_the_tracker_reaches_the_log(
    host: str,
    log: Log,
    is_packed: bool,  # noqa: FBT001
) -> None:
    """X27."""
    user = fresh_name("user")
    client = Client("write-1", host=host, gzip=is_packed, upload_interval=0.05)

    errors = await in_thread(client, lambda client: every_call(client, user))

    assert errors == []
    events = [event for event in await log.events() if isinstance(event, SourceEvent)]
    by_user = [event for event in events if event.user_id == user]
    assert [type(event) for event in by_user] == [
        *(Identified, OrderCompleted, PageViewed, PageViewed, Grouped, Aliased),
    ]
    assert [event.anonymous_id for event in events if event.user_id is None] == ["device-1"]
    order = by_user[1]
    assert isinstance(order, OrderCompleted)
    assert str(order.total) == "33.2"
    assert abs(order.occurred_at - YESTERDAY.timestamp() * 1000) < 5_000


async def test_the_tracker_in_sync_mode_returns_once_the_log_has_it(host: str, log: Log) -> None:
    user = fresh_name("user")
    client = Client("write-1", host=host, sync_mode=True)

    await asyncio.to_thread(client.track, user, "Song Played")

    assert [event.name for event in await log.events()] == ["Song Played"]


async def test_a_thousand_events_arrive_once_each_in_order(host: str, log: Log) -> None:
    user = fresh_name("user")
    client = Client("write-1", host=host, upload_interval=0.05)

    def send(client: Client) -> None:
        for number in range(1_000):
            client.track(user, f"Song {number}")

    assert await in_thread(client, send) == []
    assert [event.name for event in await log.events()] == [f"Song {n}" for n in range(1_000)]


async def test_the_tracker_understands_why_it_is_refused(host: str) -> None:
    client = Client("nobody", host=host, sync_mode=True)

    with pytest.raises(APIError) as refusal:
        await asyncio.to_thread(client.track, "17", "Song Played")

    assert (refusal.value.status, refusal.value.code) == (401, "invalid_key")


async def test_the_tracker_sends_again_what_was_not_acknowledged(
    deserted: Served, served: Served, log: Log
) -> None:
    """Its first attempt meets a broker that is away; what it repeats is the same event."""
    user = fresh_name("user")
    attempts: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        attempts.append(1)
        target = deserted if len(attempts) == 1 else served
        await target.app(scope, receive, send)

    async with serving.listening(app) as port:
        client = Client("write-1", host=f"http://127.0.0.1:{port}", upload_interval=0.05)
        errors = await in_thread(client, lambda client: client.track(user, "Song Played"))

    assert (len(attempts), errors) == (2, [])
    assert [event.name for event in await log.events()] == ["Song Played"]
