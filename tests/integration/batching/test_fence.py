"""A process the group has gone on without must not become the owner by a late marker."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiokafka
import pytest
from faust.types import TP

from agents.batching import fence
from agents.errors import NotOwnerError
from tests.support.brokers import Broker, fresh_name
from tests.support.waiting import eventually


@pytest.fixture
async def member(broker: Broker) -> AsyncIterator[aiokafka.AIOKafkaConsumer]:
    topic = broker.new_topic(partitions=2)
    consumer = aiokafka.AIOKafkaConsumer(
        topic,
        bootstrap_servers=broker.address,
        group_id=fresh_name("group"),
        enable_auto_commit=False,
        session_timeout_ms=6_000,
    )
    await consumer.start()
    await eventually(consumer.assignment, within_s=20)
    yield consumer
    await consumer.stop()


def assigned(member: aiokafka.AIOKafkaConsumer) -> Mapping[TP, int | None]:
    return {TP(tp.topic, tp.partition): 3 for tp in member.assignment()}


async def test_a_member_passes_and_its_offsets_stay(member: aiokafka.AIOKafkaConsumer) -> None:
    await fence.prove(member.commit, assigned(member))

    assert [await member.committed(tp) for tp in member.assignment()] == [3, 3]


async def test_whoever_missed_a_generation_is_refused(member: aiokafka.AIOKafkaConsumer) -> None:
    coordinator: Any = member._coordinator
    coordinator.generation -= 1

    with pytest.raises(NotOwnerError, match="to somebody else"):
        await fence.prove(member.commit, assigned(member))
