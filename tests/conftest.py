"""What every test can ask for: real servers, started only if somebody asks.

`broker` runs a test on both brokers; `embedded_broker` and `kafka_broker` on one; they are started
once. A test that harms its broker starts one of its own: `brokers.embedded()`, `kafka.running()`.
`own_clickhouse` and `own_valkey` are new and empty for each test.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final, Protocol

import pytest

from tables.profiles import Profiles
from tests.support import brokers, clickhouse, kafka, valkey
from tests.support.brokers import Broker
from tests.support.clickhouse import ClickHouse
from tests.support.valkey import Valkey

FOLDER: Final = pytest.StashKey[Path]()
"""Where the test processes tell each other of the shared Kafka."""
OWNER: Final = pytest.StashKey[int]()
"""The first process, which ends it: xdist's controller, or the only one."""


class Folder(pytest.Package):
    """A folder of tests: fixtures of scope "package" end with its last test, not with the session.

    Whole stacks that nobody asks any more cost a third of two cores.
    """

    def setup(self) -> None:
        """Do nothing: there is no `__init__.py` to run."""


class WorkerController(Protocol):
    """What we need of xdist's, which has no types."""

    config: pytest.Config
    workerinput: dict[str, str | int]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-kafka",
        action="store_true",
        help="fail where Apache Kafka cannot be had, instead of skipping",
    )
    for name, what in (("sdk", "trackers from npm"), ("browser", "Chromium")):
        parser.addoption(
            f"--require-{name}",
            action="store_true",
            help=f"fail where there are no {what}, instead of skipping",
        )


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    return Folder.from_parent(parent, path=path) if (path / "conftest.py").is_file() else None


def pytest_configure(config: pytest.Config) -> None:
    inherited = getattr(config, "workerinput", {})
    config.stash[OWNER] = inherited.get("kafka_owner") or os.getpid()
    folder = inherited.get("kafka_folder") or tempfile.mkdtemp(prefix="oncue-tests-")
    config.stash[FOLDER] = Path(folder)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    node.workerinput["kafka_folder"] = str(node.config.stash[FOLDER])
    node.workerinput["kafka_owner"] = node.config.stash[OWNER]


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    kafka.stop_shared(config.stash[FOLDER])
    shutil.rmtree(config.stash[FOLDER])


@pytest.fixture(scope="session")
def embedded_broker() -> Iterator[Broker]:
    """The broker of `oncue up`, one for each test process."""
    with brokers.embedded() as broker:
        yield broker


@pytest.fixture(scope="session")
def kafka_broker(request: pytest.FixtureRequest) -> Broker:
    """Apache Kafka, one for all test processes; without it the test is skipped."""
    try:
        stash = request.config.stash
        return kafka.shared(stash[FOLDER], owner_pid=stash[OWNER])
    except kafka.KafkaUnavailableError as error:
        if request.config.getoption("--require-kafka"):
            raise
        pytest.skip(str(error))


@pytest.fixture(
    scope="session", params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)]
)
def broker(request: pytest.FixtureRequest) -> Broker:
    """Each broker in turn."""
    found = request.getfixturevalue(f"{request.param}_broker")
    assert isinstance(found, Broker)
    return found


@pytest.fixture
def own_clickhouse(tmp_path: Path) -> Iterator[ClickHouse]:
    """For a test that kills it; loading the engine takes seconds."""
    with clickhouse.running(tmp_path / "clickhouse") as server:
        yield server


@pytest.fixture
def own_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """For a test that stops it, or fills it."""
    with valkey.running(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
async def profiles(own_valkey: Valkey) -> AsyncIterator[Profiles]:
    """The copies of customers in the test's own Redis."""
    profiles = Profiles(url=own_valkey.url)
    yield profiles
    await profiles.close()
