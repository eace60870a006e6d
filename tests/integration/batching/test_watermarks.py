"""The end of a partition on real brokers."""

import aiokafka
import pytest
from aiokafka import TopicPartition
from confluent_kafka import Producer
from faust.types import TP

from agents.batching import watermarks
from tests.support.brokers import Broker


@pytest.fixture
def topic(broker: Broker) -> str:
    """One batch of one record, then one batch of 500."""
    return filled(broker)


def filled(broker: Broker) -> str:
    topic = broker.new_topic()
    producer = Producer({"bootstrap.servers": broker.address, "linger.ms": 200})
    for count in (1, 500):
        for _ in range(count):
            producer.produce(topic, b"v", b"k", 0)
        assert producer.flush(10) == 0
    return topic


async def test_the_end_lies_behind_the_last_record(broker: Broker, topic: str) -> None:
    ends = await watermarks.ends(
        [TP(topic, 0)],
        new_client=lambda: aiokafka.AIOKafkaConsumer(bootstrap_servers=broker.address),
        timeout_s=10,
    )

    assert ends == {TP(topic, 0): 501}


async def test_the_embedded_broker_tells_the_first_offset_of_the_last_batch_plus_one(
    embedded_broker: Broker,
) -> None:
    topic = filled(embedded_broker)
    client = aiokafka.AIOKafkaConsumer(bootstrap_servers=embedded_broker.address)
    await client.start()

    latest = await client.end_offsets([TopicPartition(topic, 0)])

    await client.stop()
    assert latest == {TopicPartition(topic, 0): 2}
