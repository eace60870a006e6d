"""The application around real servers, in this process; one event loop for all of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from api import app, services
from api.services import Services
from clickhouse import migrate
from clickhouse.client import Writer
from settings import Settings
from streams.admin import Admin
from tests.support import brokers, clickhouse, valkey
from tests.support.brokers import Broker
from tests.support.clickhouse import ClickHouse
from tests.support.valkey import Valkey

HERE = Path(__file__).parent
ADMIN = "test-admin"
BASE = "http://127.0.0.1:8080"

folder_fixture = pytest_asyncio.fixture(scope="package", loop_scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Opening the application takes half a second, and there are many tests here."""
    for item in items:
        if item.path.parent == HERE and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="package")
def own_broker() -> Iterator[Broker]:
    """Ours alone: its definitions are the API's."""
    with brokers.embedded() as broker:
        yield broker


@pytest.fixture(scope="package")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """Loading the engine takes seconds."""
    with clickhouse.running(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture(scope="package")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """One for all."""
    with valkey.running(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@folder_fixture
async def config(
    own_broker: Broker, clickhouse_server: ClickHouse, valkey_server: Valkey
) -> Settings:
    """Everything is there, and every topic and table."""
    await Admin(brokers=own_broker.address).ensure_topics(partition_count=2)
    async with Writer(url=clickhouse_server.url) as writer:
        await migrate.apply(writer, migrate.known())
    return Settings(
        broker=own_broker.address,
        redis=valkey_server.url,
        clickhouse=clickhouse_server.url,
        partitions=2,
        admin_token=ADMIN,
    )


@folder_fixture
async def opened(config: Settings) -> AsyncIterator[Services]:
    """What the application works with."""
    async with services.opened(config) as found:
        yield found


@folder_fixture
async def stranger(opened: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody on this machine, without a token."""
    transport = httpx.ASGITransport(app.build(opened))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@folder_fixture
async def editor(opened: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with the token."""
    transport = httpx.ASGITransport(app.build(opened))
    headers = {"authorization": f"Bearer {ADMIN}"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        yield client


@folder_fixture
async def writer(config: Settings) -> AsyncIterator[Writer]:
    """Puts into ClickHouse what the sink would."""
    async with Writer(url=config.clickhouse) as found:
        yield found
