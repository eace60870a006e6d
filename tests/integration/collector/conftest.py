"""The collector in this process, over a real producer and a real broker."""

from collections.abc import AsyncIterator

import pytest

from streams.admin import Admin
from streams.consumer import Reader
from streams.positions import End
from tests.integration.collector import serving
from tests.integration.collector.serving import Log, Served
from tests.support.brokers import Broker


@pytest.fixture
async def served(embedded_broker: Broker) -> AsyncIterator[Served]:
    """A collector whose broker answers."""
    await Admin(brokers=embedded_broker.address).ensure_topics(partition_count=4)
    async with serving.collector(brokers=embedded_broker.address) as found:
        yield found


@pytest.fixture
async def log(served: Served) -> AsyncIterator[Log]:
    """What `events` and `dead-letters` get from here on."""
    async with Reader(brokers=served.brokers) as reader:
        await reader.assign_topics(["events", "dead-letters"], start=End())
        yield Log(reader)


@pytest.fixture
async def deserted() -> AsyncIterator[Served]:
    """A collector whose broker is away."""
    async with serving.collector(brokers="127.0.0.1:1", acknowledge_timeout_ms=300) as found:
        yield found
