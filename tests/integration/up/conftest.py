"""One embedded ClickHouse for the tests of this folder; those that kill start their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.up.clients import connect
from tests.support.clickhouse import ClickHouse


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """Start it once: loading the engine takes a second."""
    embedded = ClickHouse(tmp_path_factory.mktemp("clickhouse"))
    embedded.start()
    connect(embedded).command("CREATE DATABASE oncue")
    yield embedded
    embedded.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ClickHouse]:
    """A server for one test, to be killed and started again."""
    embedded = ClickHouse(tmp_path)
    embedded.start()
    yield embedded
    embedded.stop()
