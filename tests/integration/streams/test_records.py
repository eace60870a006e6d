"""What is written is what is read, whoever reads: our reader, or aiokafka under Faust."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka import TopicPartition as AioPartition

from streams import partitions
from streams.consumer import Reader
from streams.positions import Beginning
from streams.producer import Producer
from streams.records import Received, Record
from tests.support.brokers import Broker

LOGGED_AT = 1_700_000_000_123
KEYS = [
    f"u:{number}-{'żółć' * (number % 3)}{'é' * (number % 7)}".encode() for number in range(2_000)
]


async def read_all(broker: Broker, topic: str) -> list[Received]:
    async with Reader(brokers=broker.address) as reader:
        await reader.assign_topics([topic], start=Beginning())
        return [record async for batch in reader.read_to_end() for record in batch]


async def test_headers_and_time_survive_to_our_reader(broker: Broker) -> None:
    topic = broker.new_topic()
    headers = (("kind", b"tracker"), ("cause", "żółć\x00".encode()), ("empty", b""))

    async with Producer(brokers=broker.address) as producer:
        await producer.deliver(
            [Record(topic=topic, key=b"k", value=b"v", headers=headers, timestamp_at=LOGGED_AT)]
        )

    assert await read_all(broker, topic) == [
        Received(
            topic=topic,
            partition=0,
            offset=0,
            key=b"k",
            value=b"v",
            headers=dict(headers),
            logged_at=LOGGED_AT,
        )
    ]


async def test_headers_and_time_survive_to_aiokafka(broker: Broker) -> None:
    topic = broker.new_topic()
    record = Record(
        topic=topic, key=b"k", value=b"v", headers=(("kind", b"timer"),), timestamp_at=LOGGED_AT
    )

    async with Producer(brokers=broker.address) as producer:
        await producer.deliver([record])

    async with AIOKafkaConsumer(bootstrap_servers=broker.address) as consumer:
        consumer.assign([AioPartition(topic, 0)])
        await consumer.seek_to_beginning()
        found = await consumer.getone()
    assert (found.key, found.value, found.headers) == (b"k", b"v", record.headers)
    assert (found.timestamp, found.timestamp_type) == (LOGGED_AT, 0)


async def test_each_record_of_a_batch_keeps_its_own_time_and_headers(broker: Broker) -> None:
    topic = broker.new_topic()
    # Back and forth: within a batch only differences are stored.
    times = [LOGGED_AT + offset for offset in (0, 5_000, -3_600_000, 1, 60_000)]

    async with Producer(brokers=broker.address, linger_ms=20) as producer:
        await producer.deliver(
            [
                Record(
                    topic=topic, key=b"k", value=None, headers=(("n", b"%d" % n),), timestamp_at=at
                )
                for n, at in enumerate(times)
            ]
        )

    found = await read_all(broker, topic)
    assert [record.logged_at for record in found] == times
    assert [record.headers for record in found] == [{"n": b"%d" % n} for n in range(len(times))]


async def test_a_record_without_value_is_not_one_with_an_empty_value(broker: Broker) -> None:
    topic = broker.new_topic()

    async with Producer(brokers=broker.address) as producer:
        await producer.deliver([Record(topic=topic, key=b"k", value=v) for v in (None, b"")])

    assert [record.value for record in await read_all(broker, topic)] == [None, b""]


@pytest.mark.parametrize("count", [4, 24])
async def test_every_writer_chooses_the_same_partition(broker: Broker, count: int) -> None:
    topic = broker.new_topic(partitions=count)

    async with Producer(brokers=broker.address) as producer:
        ours = await producer.deliver([Record(topic=topic, key=key, value=b"") for key in KEYS])
    async with AIOKafkaProducer(bootstrap_servers=broker.address, linger_ms=20) as writer:
        sent = [await writer.send(topic, key=key, value=b"") for key in KEYS]
        theirs = [(await acknowledged).partition for acknowledged in sent]

    assert [position.partition for position in ours] == theirs
    assert theirs == [partitions.partition_of(key, count) for key in KEYS]
