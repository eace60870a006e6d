"""A door in a process of its own, what goes in and what comes out."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from confluent_kafka import Consumer, TopicPartition

from engine.deadletters import DeadLetter
from engine.definitions import settings
from engine.definitions.changes import Change
from streams import topics
from streams.admin import Admin
from streams.consumer import Reader
from streams.definitions import Applied, DefinitionsLog
from streams.positions import Beginning
from streams.producer import Producer
from streams.records import Position, Received, Record
from streams.topics import Topic
from tests.support.brokers import Broker
from tests.support.processes import Part
from tests.support.waiting import eventually

PARTITIONS: Final = 3
GROUP: Final = "oncue-doors"
LOGGED_AT: Final = 1_795_348_800_000


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record of the door, as often as it was appended."""

    topic: str
    key: bytes | None
    value: bytes | None


class Installation:
    """The door's topic and what is behind it."""

    def __init__(self, broker: Broker, folder: Path) -> None:
        self.broker = broker
        self.door = Part(
            "agents.doors",
            log=folder / "doors.log",
            broker=broker.address,
            redis="redis://127.0.0.1:1/0",
        )

    async def prepare(self) -> None:
        """Make the topics, the door with a partition count of its own; the shop is in Germany."""
        admin = Admin(brokers=self.broker.address)
        others = [topic for topic in topics.ALL if topic != topics.TRACKER]
        await admin.ensure_topics(partition_count=4, wanted=others)
        await admin.ensure_topics(partition_count=PARTITIONS, wanted=[topics.TRACKER])
        region = Change(
            change_id="region",
            kind="settings",
            id=settings.ID,
            action="put",
            based_on=0,
            body=msgspec.Raw(b'{"region": "DE"}'),
            at=LOGGED_AT,
        )
        async with (
            Producer(brokers=self.broker.address) as producer,
            DefinitionsLog(brokers=self.broker.address, producer=producer) as definitions,
        ):
            assert isinstance(await definitions.change(region), Applied)

    async def send(
        self, payloads: Sequence[bytes | None], *, topic: Topic = topics.TRACKER
    ) -> list[Position]:
        """Write as a shop does: any key, any partition, its own time."""
        async with Producer(brokers=self.broker.address) as producer:
            return await producer.deliver(
                [
                    Record(
                        topic=topic.name,
                        key=b"any",
                        value=payload,
                        partition=number % PARTITIONS,
                        timestamp_at=LOGGED_AT,
                    )
                    for number, payload in enumerate(payloads)
                ]
            )

    async def records(self) -> list[Received]:
        """Everything that came out so far."""
        async with Reader(brokers=self.broker.address) as reader:
            await reader.assign_topics(["events", "dead-letters"], start=Beginning())
            return [record async for batch in reader.read_to_end() for record in batch]

    async def outcomes(self) -> dict[str, list[Outcome]]:
        """What came out, by the place in the door it came from."""
        found = defaultdict(list)
        for record in await self.records():
            found[origin(record)].append(
                Outcome(topic=record.topic, key=record.key, value=record.value)
            )
        return found

    async def outcomes_of(
        self, positions: Sequence[Position], *, times: int = 1
    ) -> dict[str, list[Outcome]]:
        """Wait until each of these came out so often."""
        wanted = {place(position) for position in positions}

        async def found() -> dict[str, list[Outcome]] | None:
            outcomes = await self.outcomes()
            mine = {place: told for place, told in outcomes.items() if place in wanted}
            is_whole = len(mine) == len(wanted) and min(map(len, mine.values())) >= times
            return mine if is_whole else None

        outcomes = await eventually(found, within_s=60)
        assert outcomes is not None
        return outcomes

    async def rewind(self) -> None:
        """Make the group begin again, as after a crash before any commit.

        As a member: the embedded broker takes no stranger's commit where there was a member.
        """
        consumer = Consumer(
            {
                "bootstrap.servers": self.broker.address,
                "group.id": GROUP,
                "enable.auto.commit": False,
                "session.timeout.ms": 6_000,
                "log_level": 0,
            }
        )
        consumer.subscribe([topics.TRACKER.name])

        def assigned() -> list[TopicPartition]:
            consumer.poll(0)
            return consumer.assignment()

        try:
            found = await eventually(assigned, within_s=30)
            assert len(found) == PARTITIONS
            places = [TopicPartition(topics.TRACKER.name, at.partition, 0) for at in found]
            consumer.commit(offsets=places, asynchronous=False)
        finally:
            consumer.close()


def place(position: Position) -> str:
    """As causes and dead letters write it."""
    return f"{position.topic}/{position.partition}/{position.offset}"


def origin(record: Received) -> str:
    """The place in the door that a record came from."""
    if record.topic == "dead-letters":
        return msgspec.json.decode(record.value or b"", type=DeadLetter).source
    source, n = record.headers["cause"].decode().rsplit("/", 1)
    assert n == "0"
    return source
