"""Real servers, started once for each test process."""

from collections.abc import Iterator

import pytest

from tests.support import brokers
from tests.support.brokers import Broker


@pytest.fixture(scope="session")
def embedded_broker() -> Iterator[Broker]:
    """The broker of `oncue up`."""
    with brokers.embedded() as broker:
        yield broker
