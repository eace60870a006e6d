"""What the table hands its keeper, and what it refuses."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from faust.types import TP, EventT

from agents.batching.app import BatchApp
from agents.batching.chunks import LogRecord
from agents.batching.table import BatchTable
from agents.errors import FaustProducerError
from tests.unit.agents.batching.cluster import CHANGELOG, LogEntry


class Rows:
    """A keeper of offsets."""

    def __init__(self) -> None:
        self.offsets: dict[int, list[int]] = {}

    async def on_partition_taken(self, partition: int) -> None:
        """Nothing to append."""

    def on_changelog(self, partition: int, records: Sequence[LogRecord]) -> None:
        """Keep the offsets."""
        self.offsets.setdefault(partition, []).extend(record.offset for record in records)

    async def on_recovered(self, partitions: frozenset[int]) -> None:
        """Nothing to do."""

    def on_partition_lost(self, partition: int) -> None:
        """Forget them."""
        del self.offsets[partition]


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
async def table(rows: Rows) -> BatchTable:
    app = BatchApp("group", brokers="127.0.0.1:1")
    return app.table("rows", partitions=2, changelog="changelog", keeper=rows)


def chunk(partition: int, *offsets: int) -> EventT[Any]:
    message = SimpleNamespace(partition=partition, value=[LogEntry(offset=o) for o in offsets])
    return cast("EventT[Any]", SimpleNamespace(message=message))


async def test_records_reach_the_keeper_by_partition_in_their_order(
    table: BatchTable, rows: Rows
) -> None:
    table.apply_changelog_batch([chunk(0, 0, 1), chunk(1, 0), chunk(0, 4, 5)])

    assert rows.offsets == {0: [0, 1, 4, 5], 1: [0]}
    assert table.persisted_offset(CHANGELOG) == 5


async def test_a_record_read_before_is_not_given_again(table: BatchTable, rows: Rows) -> None:
    table.apply_changelog_batch([chunk(0, 0, 1)])

    table.apply_changelog_batch([chunk(0, 1, 2)])

    assert rows.offsets == {0: [0, 1, 2]}


async def test_what_the_owner_wrote_is_not_read_back(table: BatchTable, rows: Rows) -> None:
    table.apply_changelog_batch([chunk(0, 0, 1)])
    table.wrote(0, 7)
    table.wrote(0, 6)

    table.apply_changelog_batch([chunk(0, 2, 7, 8)])

    assert rows.offsets == {0: [0, 1, 8]}


async def test_a_partition_of_nobody_is_read_from_the_beginning(table: BatchTable) -> None:
    assert table.persisted_offset(TP("changelog", 1)) is None


async def test_a_lost_partition_is_dropped_and_read_anew_when_it_comes_back(
    table: BatchTable, rows: Rows
) -> None:
    table.apply_changelog_batch([chunk(0, 0, 1), chunk(1, 0)])

    await table.on_rebalance(set(), {CHANGELOG, TP("events", 1)}, set())

    assert rows.offsets == {1: [0]}
    assert table.persisted_offset(CHANGELOG) is None


async def test_nothing_is_written_through_faust(table: BatchTable) -> None:
    with pytest.raises(FaustProducerError):
        table.send_changelog(0, b"k", b"v")
