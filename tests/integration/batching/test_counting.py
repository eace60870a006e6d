"""A counting worker is killed, stopped, joined and left; each record counts once."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.integration.batching.arguments import Pace
from tests.integration.batching.installation import (
    FIRST_AT,
    PATIENCE_S,
    Installation,
    Worker,
    installed,
)
from tests.support import waiting
from tests.support.brokers import Broker

pytestmark = pytest.mark.xdist_group("batching")

RECORDS: Final = 24_000
SLOWLY: Final = Pace(max_batch=200, pause_s=0.02)
"""120 chunks, over some three seconds: there is always one to interrupt."""
MORE_SLOWLY: Final = Pace(max_batch=200, pause_s=0.08)
"""Long enough for another worker to start, join and leave."""


@pytest.fixture(scope="module")
def killed(broker: Broker) -> Iterator[tuple[Installation, Worker]]:
    """One worker was killed halfway, its successor did the rest."""
    with installed(broker, SLOWLY) as installation:
        installation.produce(RECORDS)
        first = installation.start()
        installation.wait_committed(RECORDS // 4)
        first.kill()
        second = installation.start()
        installation.wait_committed(RECORDS)
        assert second.stop() == 0
        yield installation, second


def test_each_record_counts_once_although_the_worker_was_killed(
    killed: tuple[Installation, Worker],
) -> None:
    installation, _ = killed

    assert installation.counts() == installation.produced


def test_recovery_reads_the_marker_that_the_new_owner_appended(
    killed: tuple[Installation, Worker],
) -> None:
    _, second = killed

    told = second.wait_for("recovered")

    assert told["partitions"] == [0, 1, 2, 3]
    assert all(told["seen"][f"marker/{p}"] == 1 for p in range(4))
    assert all(told["seen"][f"restored/{p}"] == told["epochs"][str(p)] + 1 for p in range(4))


def test_the_new_owner_learns_the_committed_offsets_and_the_true_ends(
    killed: tuple[Installation, Worker],
) -> None:
    _, second = killed

    told = second.wait_for("recovered")

    assert all(0 < told["committed"][str(p)] < RECORDS // 4 for p in range(4))
    assert told["ends"] == {str(p): RECORDS // 4 for p in range(4)}


def test_headers_and_timestamps_reach_the_agent_as_they_were_written(
    killed: tuple[Installation, Worker],
) -> None:
    installation, _ = killed

    effects = installation.read(installation.arguments.effects)

    assert {e.timestamp()[1] for e in effects} == set(range(FIRST_AT, FIRST_AT + RECORDS))
    assert all(
        e.headers() == [("kind", b"tracker"), ("kind", b"%d" % (e.timestamp()[1] - FIRST_AT))]
        for e in effects
    )


def test_a_stopped_worker_has_committed_all_it_did(embedded_broker: Broker) -> None:
    with installed(embedded_broker, SLOWLY) as installation:
        installation.produce(RECORDS)
        worker = installation.start()
        installation.wait_committed(RECORDS // 4)

        assert worker.stop() == 0

        done = len(installation.read(installation.arguments.effects))
        assert done < RECORDS
        assert installation.committed() == done


def test_a_worker_joins_and_leaves_without_a_record_done_twice(broker: Broker) -> None:
    with installed(broker, MORE_SLOWLY) as installation:
        installation.produce(RECORDS)
        first = installation.start()
        first.wait_for("clock")

        second = installation.start()
        second.wait_owning(2)
        assert installation.committed() < RECORDS
        assert second.stop() == 0
        installation.wait_committed(RECORDS)

        assert first.stop() == 0
        assert installation.counts() == installation.produced
        assert len(installation.read(installation.arguments.effects)) == RECORDS


def test_a_chunk_that_has_not_returned_is_not_committed(embedded_broker: Broker) -> None:
    with installed(embedded_broker, Pace(max_batch=100, hang_at=1000)) as installation:
        installation.produce(4000, only_partition=0)

        worker = installation.start()
        hanging = worker.wait_for("hanging")
        worker.wait_ticks(10)

        assert installation.committed() == hanging["offset"]


def test_an_error_ends_the_process_before_anything_of_the_chunk_is_committed(
    embedded_broker: Broker,
) -> None:
    with installed(embedded_broker, Pace(max_batch=100, fail_at=0)) as installation:
        installation.produce(400)

        worker = installation.start()

        assert waiting.eventually_now(worker.process.poll, within_s=PATIENCE_S) == 75
        assert installation.committed() == 0
        assert "the chunk at 0 is bad" in worker.log()
