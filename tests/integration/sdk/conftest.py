"""A collector for other makers' trackers."""

from collections.abc import AsyncIterator

import pytest

from tests.support import collecting
from tests.support.brokers import Broker
from tests.support.collecting import Collecting


@pytest.fixture
async def here(embedded_broker: Broker) -> AsyncIterator[Collecting]:
    async with collecting.started(embedded_broker) as found:
        yield found
