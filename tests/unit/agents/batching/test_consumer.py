"""The consumer on a client of memory."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import pytest
from faust.transport import consumer as stock
from faust.types import TP

from agents.batching.app import BatchApp
from agents.batching.consumer import BatchConsumer
from agents.batching.schema import records_of
from agents.errors import DrainTimeoutError, PartitionCountError
from tests.unit.agents.batching.cluster import (
    CHANGELOG,
    EVENTS,
    Client,
    LogEntry,
    connected,
    ignore,
)

if TYPE_CHECKING:
    from agents.batching.table import Keeper


@pytest.fixture
async def app() -> BatchApp:
    app = BatchApp("group", brokers="127.0.0.1:1")
    app.chunks_of("events", partitions=1)(ignore)
    return app


@pytest.fixture
def client() -> Client:
    client = Client()
    client.assigned = {EVENTS}
    return client


@pytest.fixture
async def consumer(app: BatchApp, client: Client) -> BatchConsumer:
    return connected(app, client)


def delivered(consumer: BatchConsumer, first: int, last: int) -> None:
    consumer.deliveries.hand_over(EVENTS, first)
    consumer.deliveries.begin(EVENTS, first)
    consumer.deliveries.finish(EVENTS, last)


async def test_a_chunk_is_one_message_at_the_offset_of_its_last_record(
    consumer: BatchConsumer,
) -> None:
    records = [LogEntry(offset=7, timestamp=70), LogEntry(offset=9, timestamp=90)]

    message = consumer._to_message(EVENTS, records)

    assert (message.tp, message.offset, message.timestamp) == (EVENTS, 9, 0.09)
    assert records_of(message) == records


async def test_the_offset_after_what_is_done_is_committed(
    consumer: BatchConsumer, client: Client
) -> None:
    delivered(consumer, 0, 99)

    await consumer.commit()

    assert client.commits == {EVENTS: 100}


async def test_faust_commits_over_a_message_that_is_not_acknowledged(
    consumer: BatchConsumer,
) -> None:
    # The interval of a gap includes the message behind it: 3 is in flight, 4 and 5 are done.
    consumer._acked[EVENTS] = [0, 4, 5]
    await consumer._add_gap(EVENTS, 1, 3)

    assert stock.Consumer._new_offset(consumer, EVENTS) == 6


async def test_a_running_chunk_is_not_committed(consumer: BatchConsumer, client: Client) -> None:
    delivered(consumer, 0, 99)
    consumer.deliveries.hand_over(EVENTS, 100)
    consumer.deliveries.begin(EVENTS, 100)

    await consumer.commit()

    assert client.commits == {EVENTS: 100}


async def test_the_running_chunk_ends_and_is_committed_before_its_partition_is_forgotten(
    consumer: BatchConsumer, client: Client, app: BatchApp
) -> None:
    app.flow_control.resume()
    consumer.deliveries.hand_over(EVENTS, 0)
    consumer.deliveries.begin(EVENTS, 0)

    revoking = asyncio.create_task(consumer.on_partitions_revoked({EVENTS}))
    await asyncio.sleep(0)
    assert client.commits == {}
    consumer.deliveries.finish(EVENTS, 99)
    await revoking

    assert client.commits == {EVENTS: 100}
    assert consumer.deliveries.position(EVENTS) is None
    assert not app.flow_control.is_active()


async def test_faust_forgets_what_is_acknowledged_before_it_commits(
    consumer: BatchConsumer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "drain", lambda: asyncio.sleep(0))
    consumer._acked[EVENTS] = [0, 1, 2]
    consumer._acked_index[EVENTS] = {0, 1, 2}

    await stock.Consumer.on_partitions_revoked(consumer, {EVENTS})

    assert EVENTS not in consumer._acked
    assert client.commits == {}


@pytest.mark.usefixtures("consumer")
async def test_a_topic_with_another_partition_count_is_refused(
    app: BatchApp, client: Client
) -> None:
    client.partition_counts = {"events": 1}
    app.check_partition_counts()

    client.partition_counts = {"events": 2}

    with pytest.raises(PartitionCountError, match="'events' has 2 partitions, expected 1"):
        app.check_partition_counts()


@pytest.mark.usefixtures("consumer")
async def test_a_topic_that_is_missing_is_refused(app: BatchApp) -> None:
    with pytest.raises(PartitionCountError, match="'events' has 0 partitions, expected 1"):
        app.check_partition_counts()


@pytest.mark.usefixtures("consumer")
async def test_a_table_whose_partitions_follow_no_input_is_refused(
    app: BatchApp, client: Client
) -> None:
    client.partition_counts = {"events": 1, "changelog": 3}
    app.table("rows", partitions=3, changelog="changelog", keeper=cast("Keeper", None))

    with pytest.raises(PartitionCountError, match="changelog"):
        app.check_partition_counts()


async def test_a_chunk_that_outlives_the_rebalance_is_an_error(consumer: BatchConsumer) -> None:
    consumer.drain_timeout_s = 0.01
    consumer.deliveries.hand_over(EVENTS, 0)
    consumer.deliveries.begin(EVENTS, 0)

    with pytest.raises(DrainTimeoutError):
        await consumer.drain()


async def test_a_commit_under_way_does_not_swallow_the_one_of_the_drain(
    consumer: BatchConsumer, client: Client
) -> None:
    under_way = consumer._commit_fut = asyncio.get_running_loop().create_future()
    delivered(consumer, 0, 99)

    draining = asyncio.create_task(consumer.drain())
    await asyncio.sleep(0)
    consumer._commit_fut = None
    under_way.set_result(None)
    await draining

    assert client.commits == {EVENTS: 100}


async def test_inputs_go_on_at_what_was_committed(consumer: BatchConsumer, client: Client) -> None:
    client.commits[EVENTS] = 40

    await consumer.seek_inputs()

    assert client.calls == [("seek", (EVENTS, 40))]
    assert consumer.deliveries.position(EVENTS) == 40


async def test_inputs_without_a_commit_begin_at_the_beginning(
    consumer: BatchConsumer, client: Client
) -> None:
    client.beginnings[EVENTS] = 3

    await consumer.seek_inputs()

    assert client.calls == [("seek", (EVENTS, 3))]


async def test_what_expired_is_not_waited_for(consumer: BatchConsumer, client: Client) -> None:
    client.commits[EVENTS] = 40
    client.beginnings[EVENTS] = 70

    await consumer.seek_inputs()

    assert client.calls == [("seek", (EVENTS, 70))]


async def test_faust_leaves_an_input_without_a_commit_where_it_is(
    consumer: BatchConsumer, client: Client
) -> None:
    await stock.Consumer.perform_seek(consumer)

    assert client.calls == []


async def test_a_fetch_that_comes_back_while_the_flow_is_stopped_moves_nothing(
    consumer: BatchConsumer, client: Client
) -> None:
    client.commits[CHANGELOG] = 5

    await consumer.perform_seek()

    assert client.calls == []


async def test_what_the_thread_fetches_from_is_not_changed_under_it(
    consumer: BatchConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[TP]] = []

    async def fetched(partitions: set[TP], timeout: float) -> Mapping[TP, object]:  # noqa: ARG001, ASYNC109 - Faust's signature
        asked.append(partitions)
        return {}

    monkeypatch.setattr(consumer._thread, "getmany", fetched)
    consumer._set_active_tps({CHANGELOG})

    await consumer._getmany(consumer._get_active_partitions(), 1.0)
    consumer.pause_partitions({CHANGELOG})

    assert asked == [{CHANGELOG}]


async def test_nothing_is_fetched_from_no_partition(
    consumer: BatchConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The Kafka client would take the empty set for all of them.
    monkeypatch.setattr(consumer._thread, "getmany", cast("object", None))

    assert await consumer._getmany(set(), 1.0) == {}


async def test_a_full_queue_takes_no_partition_out_of_the_fetch(consumer: BatchConsumer) -> None:
    consumer._set_active_tps({EVENTS})

    consumer.on_buffer_full(EVENTS)

    assert consumer._get_active_partitions() == {EVENTS}


async def test_lag_is_what_lies_between_the_position_and_the_high_watermark(
    app: BatchApp, consumer: BatchConsumer, client: Client
) -> None:
    app.open_inputs = frozenset({EVENTS})
    await consumer.seek_inputs()
    assert app.lag("events") == {0: None}

    client.highwaters[EVENTS] = 150
    delivered(consumer, 0, 99)

    assert app.lag("events") == {0: 50}
