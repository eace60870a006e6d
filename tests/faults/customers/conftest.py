"""Worker, sink and mirror between servers of their own: some tests here kill all of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import processes, storage
from tests.support.processes import Part
from tests.support.storage import Storage
from tests.support.valkey import Valkey

PARTS = {
    "worker": "agents.worker.run",
    "sink": "agents.sink.run",
    "mirror": "agents.mirror.run",
}


@pytest.fixture
def parts(store: Storage, own_valkey: Valkey, tmp_path: Path) -> Iterator[dict[str, Part]]:
    """Running, by name."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(
                processes.running(
                    Part(
                        module,
                        log=tmp_path / f"{name}.log",
                        broker=store.broker,
                        clickhouse=store.clickhouse,
                        redis=own_valkey.url,
                        partitions=str(storage.PARTITIONS),
                    )
                )
            )
            for name, module in PARTS.items()
        }
