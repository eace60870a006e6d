"""A broker of this folder's own, since the group of the doors has one name everywhere."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.integration.tracker.doors import Installation
from tests.support import brokers, kafka, processes
from tests.support.brokers import Broker


@pytest.fixture(scope="module", params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """One that nobody else consumes from."""
    if request.param == "kafka":
        request.getfixturevalue("kafka_broker")  # skips where there is none
    with brokers.embedded() if request.param == "embedded" else kafka.running() as broker:
        yield broker


@pytest.fixture(scope="module")
def installation(
    own_broker: Broker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Topics that are there, and a door that runs; whoever stops it starts it again."""
    found = Installation(own_broker, tmp_path_factory.mktemp("doors"))
    asyncio.run(found.prepare())
    with processes.running(found.door):
        yield found
