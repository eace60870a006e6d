"""Topics as `streams.topics` lists them, made once and checked."""

import asyncio

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource

from streams import topics
from streams.admin import Admin
from streams.errors import BrokerAwayError, PartitionCountError
from streams.topics import Topic
from tests.support import brokers, ports
from tests.support.brokers import Broker


def topic(*, keyed_by: str = "customer", single: bool = False) -> Topic:
    return Topic(
        name=brokers.fresh_name("wanted"), keyed_by=keyed_by, writers=(), readers=(), single=single
    )


@pytest.fixture
def admin(broker: Broker) -> Admin:
    return Admin(brokers=broker.address)


async def test_every_topic_is_made_once(admin: Admin) -> None:
    names = [each.name for each in topics.ALL]

    first = await admin.ensure_topics(partition_count=4)
    again = await admin.ensure_topics(partition_count=4)

    assert set(first) <= set(names)
    assert again == []
    counts = await admin.partition_counts()
    assert {name: counts[name] for name in names} == {
        each.name: 1 if each.single else 4 for each in topics.ALL
    }


async def test_several_may_make_the_topics_at_once(broker: Broker) -> None:
    wanted = [topic() for _ in range(5)]

    made = await asyncio.gather(
        *(
            Admin(brokers=broker.address).ensure_topics(partition_count=2, wanted=wanted)
            for _ in range(4)
        )
    )

    assert sorted({name for names in made for name in names}) == sorted(t.name for t in wanted)


async def test_another_partition_count_stops_with_names_and_numbers(admin: Admin) -> None:
    wanted = topic()
    await admin.ensure_topics(partition_count=4, wanted=[wanted])

    with pytest.raises(PartitionCountError) as caught:
        await admin.ensure_topics(partition_count=24, wanted=[topic(), wanted])

    assert str(caught.value).startswith(f"24 partitions expected, but {wanted.name} has 4")


async def test_nothing_is_made_when_a_count_is_wrong(admin: Admin) -> None:
    wrong, missing = topic(), topic()
    await admin.ensure_topics(partition_count=4, wanted=[wrong])

    with pytest.raises(PartitionCountError):
        await admin.ensure_topics(partition_count=24, wanted=[wrong, missing])

    assert missing.name not in await admin.partition_counts()


async def test_a_door_may_have_any_count(admin: Admin) -> None:
    door = topic(keyed_by="any")
    await admin.ensure_topics(partition_count=4, wanted=[door])

    assert await admin.ensure_topics(partition_count=24, wanted=[door]) == []


@pytest.mark.kafka
@pytest.mark.parametrize("wanted", topics.ALL, ids=lambda wanted: wanted.name)
async def test_a_topic_is_kept_as_long_as_it_says(kafka_broker: Broker, wanted: Topic) -> None:
    await Admin(brokers=kafka_broker.address).ensure_topics(partition_count=4)

    kept = configured(kafka_broker, wanted.name)

    assert kept["cleanup.policy"] == wanted.cleanup
    assert kept["message.timestamp.type"] == "CreateTime"
    if wanted.cleanup == "compact":
        assert kept["min.compaction.lag.ms"] == str(wanted.compaction_lag_ms)
    else:
        assert kept["retention.ms"] == str(wanted.retention_ms or -1)


async def test_a_broker_that_is_there_answers(admin: Admin) -> None:
    await admin.probe()


async def test_nobody_at_the_address_is_one_line_with_the_address() -> None:
    address = f"127.0.0.1:{ports.free_port()}"

    with pytest.raises(BrokerAwayError) as caught:
        await Admin(brokers=address).probe(timeout_ms=500)

    assert str(caught.value).startswith(f"no Kafka broker answers at {address}: ")
    assert "\n" not in str(caught.value)


def configured(broker: Broker, name: str) -> dict[str, str]:
    resource = ConfigResource(ConfigResource.Type.TOPIC, name)
    client = AdminClient({"bootstrap.servers": broker.address})
    entries = client.describe_configs([resource])[resource].result(10)
    return {entry.name: entry.value for entry in entries.values()}
