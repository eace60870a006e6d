"""Reading from chosen places to the true end, without joining a group."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from streams import watermarks
from streams.consumer import Reader
from streams.errors import BrokerAwayError, OffsetGoneError, TopicMissingError
from streams.positions import At, Beginning, Committed, End, Since, Start
from streams.producer import Producer
from streams.records import Position, Record
from tests.support import brokers, kafka, ports, waiting
from tests.support.brokers import Broker

LOGGED_AT = 1_700_000_000_000


async def append(
    broker: Broker, topic: str, count: int, *, each_alone: bool = False, partition: int = 0
) -> None:
    """One batch, or one batch for each record; a minute apart in the log's time."""
    records = [
        Record(
            topic=topic,
            key=b"k",
            value=b"%d" % n,
            partition=partition,
            timestamp_at=LOGGED_AT + n * 60_000,
        )
        for n in range(count)
    ]
    async with Producer(brokers=broker.address, linger_ms=20) as producer:
        for part in [[record] for record in records] if each_alone else [records]:
            await producer.deliver(part)


def is_past(at: int) -> bool:
    return time.time_ns() // 1_000_000 > at


async def values(
    broker: Broker, topic: str, start: Start, *, group: str | None = None
) -> list[int]:
    async with Reader(brokers=broker.address, group=group) as reader:
        await reader.assign_topics([topic], start=start)
        batches = [batch async for batch in reader.read_to_end()]
        return [int(record.value or b"") for batch in batches for record in batch]


async def committed(
    broker: Broker, topic: str, group: str, *, positions: Sequence[Position] = ()
) -> list[int]:
    """Commit if asked to, and tell where the group stands, by partition."""
    async with Reader(brokers=broker.address, group=group) as reader:
        await reader.assign_topics([topic], start=Committed())
        if positions:
            await reader.commit(positions)
            await reader.assign_topics([topic], start=Committed())
        return [reader.position(*partition) for partition in await reader.partitions([topic])]


async def test_the_end_is_true_after_one_batch_of_many(broker: Broker) -> None:
    """The embedded broker lists 1 here: design of the shim in `watermarks`."""
    topic = broker.new_topic(partitions=3)
    await append(broker, topic, 500)

    ends = await asyncio.to_thread(
        watermarks.true_ends,
        brokers=broker.address,
        partitions=[(topic, 0), (topic, 1), (topic, 2)],
    )

    assert ends == {(topic, 0): 500, (topic, 1): 0, (topic, 2): 0}


@pytest.mark.parametrize(
    ("start", "first"),
    [
        (Beginning(), 0),
        (End(), 500),
        (Since(logged_at=LOGGED_AT + 300 * 60_000), 300),
        (Since(logged_at=LOGGED_AT + 300 * 60_000 + 1), 301),
        (Since(logged_at=LOGGED_AT + 500 * 60_000), 500),
    ],
)
async def test_reading_starts_where_it_was_asked_to(
    broker: Broker, start: Start, first: int
) -> None:
    topic = broker.new_topic()
    await append(broker, topic, 500)

    assert await values(broker, topic, start) == list(range(first, 500))


async def test_lag_is_what_was_not_read_yet(broker: Broker) -> None:
    topic = broker.new_topic()
    await append(broker, topic, 10)

    async with Reader(brokers=broker.address) as reader:
        await reader.assign_topics([topic], start=Beginning())
        found = await reader.read(max_records=3, timeout_ms=10_000)
        lags = await reader.lags()

    assert lags == {(topic, 0): 10 - len(found)}


async def test_a_time_between_two_batches_starts_at_the_second(broker: Broker) -> None:
    """As our writers stamp records: with the time they are appended at."""
    topic = broker.new_topic()
    between: list[int] = []
    async with Producer(brokers=broker.address) as producer:
        for n in range(3):
            await producer.deliver([Record(topic=topic, key=b"k", value=b"%d" % n)] * 10)
            now = time.time_ns() // 1_000_000
            between.append(now + 1)
            await waiting.eventually(partial(is_past, now + 1))

    for n, at in enumerate(between):
        found = await values(broker, topic, Since(logged_at=at))
        assert found == [later for later in range(n + 1, 3) for _ in range(10)]


async def test_reading_starts_at_the_offset_given_for_each_partition(broker: Broker) -> None:
    topic = broker.new_topic()
    await append(broker, topic, 50)

    assert await values(broker, topic, At(offsets={(topic, 0): 48})) == [48, 49]


async def test_reading_to_the_end_of_nothing_ends(broker: Broker) -> None:
    topic = broker.new_topic(partitions=4)

    assert await values(broker, topic, Beginning()) == []


async def test_a_read_returns_at_the_first_record_not_at_the_last_it_may_take(
    broker: Broker,
) -> None:
    topic = broker.new_topic()
    async with Reader(brokers=broker.address) as reader:
        await reader.assign_topics([topic], start=Beginning())
        await append(broker, topic, 3)

        started_at = time.monotonic()
        records = await reader.read(max_records=1_000, timeout_ms=20_000)

        assert records
        assert time.monotonic() - started_at < 10


async def test_what_a_cancelled_read_took_comes_with_the_next(broker: Broker) -> None:
    topic = broker.new_topic()
    async with Reader(brokers=broker.address) as reader:
        await reader.assign_topics([topic], start=Beginning())
        reading = asyncio.create_task(reader.read(timeout_ms=5_000))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])

        await append(broker, topic, 10, each_alone=True)

        found: list[int] = []
        while len(found) < 10:
            records = await reader.read()
            assert records
            found += [int(record.value or b"") for record in records]
        assert found == list(range(10))


async def test_a_group_keeps_its_positions_without_being_joined(broker: Broker) -> None:
    topic, group = broker.new_topic(partitions=2), brokers.fresh_name("group")
    for partition in (0, 1):
        await append(broker, topic, 10, partition=partition)
    positions = [
        Position(topic=topic, partition=0, offset=7),
        Position(topic=topic, partition=1, offset=9),
    ]

    before = await committed(broker, topic, group, positions=positions)

    assert (before, await committed(broker, topic, group)) == ([7, 9], [7, 9])


async def test_a_partition_that_was_never_committed_starts_at_its_beginning(
    broker: Broker,
) -> None:
    topic, group = broker.new_topic(partitions=2), brokers.fresh_name("group")
    for partition in (0, 1):
        await append(broker, topic, 10, partition=partition)
    positions = [Position(topic=topic, partition=1, offset=9)]

    assert await committed(broker, topic, group, positions=positions) == [0, 9]


async def test_groups_do_not_share_positions(broker: Broker) -> None:
    topic, group = broker.new_topic(), brokers.fresh_name("group")
    await append(broker, topic, 10)
    await committed(broker, topic, group, positions=[Position(topic=topic, partition=0, offset=3)])

    assert await committed(broker, topic, brokers.fresh_name("group")) == [0]


async def test_a_position_beyond_the_log_is_an_error_not_a_jump(broker: Broker) -> None:
    topic = broker.new_topic()
    await append(broker, topic, 5)

    async with Reader(brokers=broker.address) as reader:
        with pytest.raises(OffsetGoneError) as caught:
            await reader.assign_topics([topic], start=At(offsets={(topic, 0): 6}))

    assert caught.value.position == Position(topic=topic, partition=0, offset=6)


async def test_a_committed_position_beyond_the_log_means_that_the_topic_was_made_anew(
    broker: Broker,
) -> None:
    topic, group = broker.new_topic(), brokers.fresh_name("group")

    with pytest.raises(OffsetGoneError):
        await committed(
            broker, topic, group, positions=[Position(topic=topic, partition=0, offset=3)]
        )


async def test_a_topic_that_is_not_there_is_said_at_once(broker: Broker) -> None:
    async with Reader(brokers=broker.address) as reader:
        with pytest.raises(TopicMissingError, match="'nobody-made-it'"):
            await reader.assign([("nobody-made-it", 0)], start=Beginning())


async def test_a_broker_that_died_is_not_an_empty_log() -> None:
    with brokers.embedded() as broker:
        topic = broker.new_topic()
        async with Reader(brokers=broker.address) as reader:
            await reader.assign_topics([topic], start=Beginning())
            os.kill(broker.pid, signal.SIGKILL)

            with pytest.raises(BrokerAwayError, match="no Kafka broker answers at"):
                await waiting.eventually(lambda: reader.read(timeout_ms=100), within_s=20)


async def test_a_cancelled_read_of_a_dead_broker_is_forgotten_when_the_reader_closes() -> None:
    unheard: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    with brokers.embedded() as broker:
        async with Reader(brokers=broker.address) as reader:
            await reader.assign_topics([broker.new_topic()], start=Beginning())
            reading = asyncio.create_task(reader.read(timeout_ms=1_000))
            await asyncio.wait([reading], timeout=0.1)
            os.kill(broker.pid, signal.SIGKILL)
            reading.cancel()
            await asyncio.wait([reading])

    del reader, reading
    gc.collect()
    await asyncio.sleep(0)

    assert unheard == []


@pytest.mark.kafka
async def test_reading_and_writing_go_on_when_the_broker_comes_back(
    kafka_broker: Broker,  # noqa: ARG001 - skips where there is none
    tmp_path: Path,
) -> None:
    port = ports.free_port()
    with kafka.running(port=port, data=tmp_path) as broker:
        topic = broker.new_topic()
        producer, reader = Producer(brokers=broker.address), Reader(brokers=broker.address)
        await reader.assign_topics([topic], start=Beginning())
        await producer.deliver([Record(topic=topic, key=b"k", value=b"before")])

        assert [record.value for record in await waiting.eventually(reader.read)] == [b"before"]

    with pytest.raises(BrokerAwayError):
        await waiting.eventually(lambda: reader.read(timeout_ms=100), within_s=20)

    with kafka.running(port=port, data=tmp_path):
        await producer.deliver([Record(topic=topic, key=b"k", value=b"after")])
        found = await waiting.eventually(lambda: reader.read(timeout_ms=1_000), within_s=20)
        await producer.close()
        await reader.close()
    assert [record.value for record in found] == [b"after"]
