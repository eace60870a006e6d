"""A stack for each module or test; when a test fails, what its parts said last is in the report.

A stack is ten processes: `make test-whole` runs two at once, a file each, and `make test-replay`
one alone.
"""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.support import stack
from tests.support.stack import Stack


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        for name, value in item.funcargs.items():
            if isinstance(value, Stack):
                report.sections.append((f"oncue up ({name})", value.last_words()))
    return report


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A running stack that the tests of a module share."""
    with stack.running(tmp_path_factory.mktemp("up")) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stack]:
    """A stack of the test's own, not started."""
    with stack.closing(tmp_path) as made:
        yield made
