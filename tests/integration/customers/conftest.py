"""The application around a running worker, sink and mirror: what goes in comes out everywhere."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from api import app, services
from api.services import Services
from clickhouse import migrate
from clickhouse.client import Writer
from settings import Settings
from streams.admin import Admin
from tests.integration.customers.live import Live
from tests.support import brokers, clickhouse, processes, valkey
from tests.support.brokers import Broker
from tests.support.clickhouse import ClickHouse
from tests.support.processes import Part
from tests.support.valkey import Valkey

HERE = Path(__file__).parent
ADMIN = "test-admin"
PARTITIONS = 2
PARTS = ("worker", "sink", "mirror")

folder_fixture = pytest_asyncio.fixture(scope="package", loop_scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One stack for all: starting it takes longer than all that is asked of it."""
    for item in items:
        if item.path.parent == HERE and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="package")
def own_broker() -> Iterator[Broker]:
    with brokers.embedded() as broker:
        yield broker


@pytest.fixture(scope="package")
def clickhouse_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    with clickhouse.running(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture(scope="package")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with valkey.running(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@folder_fixture
async def config(
    own_broker: Broker, clickhouse_server: ClickHouse, valkey_server: Valkey
) -> Settings:
    await Admin(brokers=own_broker.address).ensure_topics(partition_count=PARTITIONS)
    async with Writer(url=clickhouse_server.url) as writer:
        await migrate.apply(writer, migrate.known())
    return Settings(
        broker=own_broker.address,
        redis=valkey_server.url,
        clickhouse=clickhouse_server.url,
        partitions=PARTITIONS,
        admin_token=ADMIN,
    )


@pytest.fixture(scope="package")
def parts(config: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Running, each a process of its own."""
    folder = tmp_path_factory.mktemp("parts")
    with ExitStack() as stack:
        for name in PARTS:
            part = Part(
                f"agents.{name}.run",
                log=folder / f"{name}.log",
                broker=config.broker,
                clickhouse=config.clickhouse,
                redis=config.redis,
                partitions=str(PARTITIONS),
            )
            stack.enter_context(processes.running(part))
        yield


@folder_fixture
async def opened(config: Settings, parts: None) -> AsyncIterator[Services]:  # noqa: ARG001 they run
    async with services.opened(config) as found:
        yield found


@folder_fixture
async def live(opened: Services) -> AsyncIterator[Live]:
    transport = httpx.ASGITransport(app.build(opened))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        yield Live(http, opened, admin_token=ADMIN)


@pytest.fixture
def name() -> str:
    """A customer that no other test uses."""
    return f"c-{uuid4().hex[:12]}"
