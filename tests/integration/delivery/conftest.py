"""A broker of this folder's own, since the group of delivery has one name everywhere."""

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


@pytest.fixture(scope="module", params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """One that nobody else delivers from."""
    if request.param == "kafka":
        request.getfixturevalue("kafka_broker")  # skips where there is none
    with brokers.embedded() if request.param == "embedded" else kafka.running() as broker:
        yield broker


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """Complete copies, in which nobody is erased and nothing suppressed."""
    with valkey.running(tmp_path_factory.mktemp("copies")) as server:
        asyncio.run(mark_complete(server.url))
        yield server


@pytest.fixture(scope="module")
def prepared(own_broker: Broker, copies: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Post:
    """Topics and a template."""
    post = Post(own_broker, tmp_path_factory.mktemp("delivery"), redis=copies.url)
    asyncio.run(post.prepare())
    return post


@pytest.fixture
def post(prepared: Post, tmp_path: Path) -> Post:
    """The same, with logs of this test alone."""
    return Post(prepared.broker, tmp_path, redis=prepared.redis)


@pytest.fixture
def valkey_server(tmp_path: Path) -> Iterator[Valkey]:
    """Copies of the test's own; nobody has marked them complete."""
    with valkey.running(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
async def mail_server() -> AsyncIterator[Sink]:
    """A server that mail can be handed to."""
    async with smtp_sink.running() as sink:
        yield sink
