"""An empty Redis for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tables import connections
from tables.profiles import Profiles
from tests.support import valkey as servers
from tests.support.valkey import Valkey


@pytest.fixture(scope="package")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with servers.running(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
async def empty(valkey_server: Valkey) -> Valkey:
    redis = connections.connect(valkey_server.url)
    await redis.flushall()
    await redis.aclose()
    return valkey_server


@pytest.fixture
async def profiles(empty: Valkey) -> AsyncIterator[Profiles]:
    profiles = Profiles(url=empty.url)
    yield profiles
    await profiles.close()
