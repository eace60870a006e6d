"""The definitions log on a real broker."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from engine.definitions.changes import Change
from engine.definitions.templates import Template
from streams.definitions import Applied, Conflict, DefinitionsLog
from streams.following import NotFoldedError
from streams.producer import Producer
from streams.records import Record
from tests.support.brokers import Broker
from tests.support.waiting import eventually


@pytest.fixture
async def producer(embedded_broker: Broker) -> AsyncIterator[Producer]:
    async with Producer(brokers=embedded_broker.address) as opened:
        yield opened


@pytest.fixture
def topic(embedded_broker: Broker) -> str:
    return embedded_broker.new_topic()


def template_put(*, based_on: int, subject: str = "Still there?") -> Change:
    template = Template(id="mail", subject=subject, text="hello")
    return Change(
        change_id=subject,
        kind="templates",
        id="mail",
        action="put",
        based_on=based_on,
        body=msgspec.Raw(msgspec.json.encode(template)),
        at=1,
    )


def opened_log(broker: Broker, topic: str, producer: Producer | None = None) -> DefinitionsLog:
    return DefinitionsLog(brokers=broker.address, producer=producer, topic=topic)


async def test_a_change_is_folded_before_it_is_called_applied(
    embedded_broker: Broker, producer: Producer, topic: str
) -> None:
    async with opened_log(embedded_broker, topic, producer) as log:
        outcome = await log.change(template_put(based_on=0))

        assert isinstance(outcome, Applied)
        assert log.current.templates["mail"].latest.subject == "Still there?"


async def test_of_two_editors_of_one_revision_exactly_one_wins(
    embedded_broker: Broker, producer: Producer, topic: str
) -> None:
    async with (
        opened_log(embedded_broker, topic, producer) as ours,
        opened_log(embedded_broker, topic, producer) as theirs,
    ):
        outcomes = await asyncio.gather(
            ours.change(template_put(based_on=0, subject="ours")),
            theirs.change(template_put(based_on=0, subject="theirs")),
        )

        await ours.folded_to(1)
        await theirs.folded_to(1)
        assert {type(outcome) for outcome in outcomes} == {Applied, Conflict}
        assert ours.current == theirs.current


async def test_a_restart_folds_the_same(
    embedded_broker: Broker, producer: Producer, topic: str
) -> None:
    async with opened_log(embedded_broker, topic, producer) as first:
        for based_on in (0, 1, 1, 2):
            await first.change(template_put(based_on=based_on, subject=f"after {based_on}"))
        before = first.current

    async with opened_log(embedded_broker, topic) as second:
        assert second.current == before
        assert second.at(1) == first.at(1)


async def test_a_record_nobody_can_read_is_void_and_counted(
    embedded_broker: Broker, producer: Producer, topic: str
) -> None:
    deep = b'{"change_id":' + b"[" * 5_000
    values = [b"{", b"\xff", deep, None, b'{"change_id": "c", "kind": "templates"}']
    async with opened_log(embedded_broker, topic, producer) as log:
        await producer.deliver([Record(topic=topic, key=b"k", value=value) for value in values])
        outcome = await log.change(template_put(based_on=0))

        assert isinstance(outcome, Applied)
        assert log.undecodable_count == len(values)


async def test_a_reader_follows_what_others_change(
    embedded_broker: Broker, producer: Producer, topic: str
) -> None:
    async with (
        opened_log(embedded_broker, topic) as reader,
        opened_log(embedded_broker, topic, producer) as writer,
    ):
        await writer.change(template_put(based_on=0))

        assert await eventually(lambda: "mail" in reader.current.templates)
        assert [entry.offset for entry in reader.changes_after(-1)] == [0]


async def test_waiting_for_what_nobody_wrote_ends(embedded_broker: Broker, topic: str) -> None:
    async with opened_log(embedded_broker, topic) as log:
        with pytest.raises(NotFoldedError):
            await log.folded_to(0, timeout_ms=50)
