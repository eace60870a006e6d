"""Workers are killed again and again, and wake up after others took over."""

from typing import Final

import pytest

from tests.integration.batching.arguments import Pace
from tests.integration.batching.installation import installed
from tests.support.brokers import Broker

RECORDS: Final = 24_000
SLOWLY: Final = Pace(max_batch=200, pause_s=0.04)


def test_each_record_counts_once_whenever_workers_are_killed(embedded_broker: Broker) -> None:
    with installed(embedded_broker, SLOWLY) as installation:
        installation.produce(RECORDS)

        # While it starts, while it takes partitions, in its chunks.
        for moment in ("started", "taken", "clock"):
            worker = installation.start()
            worker.wait_for(moment)
            worker.kill()
        worker = installation.start()
        installation.wait_committed(RECORDS)

        assert worker.stop() == 0
        assert installation.counts() == installation.produced


@pytest.mark.kafka
def test_a_worker_that_wakes_up_after_others_took_over_changes_nothing(
    kafka_broker: Broker,
) -> None:
    with installed(kafka_broker, SLOWLY) as installation:
        installation.produce(RECORDS)
        first = installation.start()
        installation.wait_committed(RECORDS // 8)

        first.freeze()
        second = installation.start()
        second.wait_owning(4)
        first.wake()
        first.wait_owning(2)
        installation.wait_committed(RECORDS)

        assert (first.stop(), second.stop()) == (0, 0)
        assert installation.counts() == installation.produced
