"""A broker and a delivery process of each test's own: both come to harm."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.integration.delivery import smtp_sink
from tests.integration.delivery.post import Post, mark_complete
from tests.integration.delivery.smtp_sink import Sink
from tests.support import brokers, kafka, valkey
from tests.support.brokers import Broker
from tests.support.valkey import Valkey


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """One that nobody else delivers from."""
    if request.param == "kafka":
        request.getfixturevalue("kafka_broker")  # skips where there is none
    with brokers.embedded() if request.param == "embedded" else kafka.running() as broker:
        yield broker


@pytest.fixture
def copies(tmp_path: Path) -> Iterator[Valkey]:
    """Complete copies, in which nobody is erased and nothing suppressed."""
    with valkey.running(tmp_path / "copies") as server:
        asyncio.run(mark_complete(server.url))
        yield server


@pytest.fixture
def post(own_broker: Broker, copies: Valkey, tmp_path: Path) -> Post:
    """Topics and a template."""
    post = Post(own_broker, tmp_path, redis=copies.url)
    asyncio.run(post.prepare())
    return post


@pytest.fixture
async def mail_server() -> AsyncIterator[Sink]:
    """A server that mail can be handed to."""
    async with smtp_sink.running() as sink:
        yield sink
