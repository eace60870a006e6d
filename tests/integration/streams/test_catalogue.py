"""The catalogue's log on a real broker."""

from collections.abc import AsyncIterator

import pytest

from engine.events import ProductListed
from engine.intake import backoffice
from engine.intake.arrivals import Origin
from streams.catalogue import CatalogueLog
from streams.consumer import Reader
from streams.following import NotFoldedError
from streams.positions import Beginning
from streams.producer import Producer
from streams.records import Position, Record
from streams.wire import decode_listed, record_of
from tests.support.brokers import Broker
from tests.support.waiting import eventually


@pytest.fixture
async def producer(embedded_broker: Broker) -> AsyncIterator[Producer]:
    async with Producer(brokers=embedded_broker.address) as opened:
        yield opened


@pytest.fixture
def topic(embedded_broker: Broker) -> str:
    return embedded_broker.new_topic()


def lamp(price: str, *, minute: int, topic: str) -> Record:
    item: dict[str, object] = {
        "id": "lamp",
        "price": price,
        "updatedAt": f"2026-11-22T10:{minute:02}:00Z",
    }
    origin = Origin(source="back-office", received_at=2_000_000_000_000, seed="s")
    arrival = backoffice.KINDS["products"](item, origin=origin)
    record = record_of(arrival.key, arrival.event)
    return Record(topic=topic, key=record.key, value=record.value, partition=0)


async def test_an_owner_folds_exactly_to_its_offset_and_holds_later_changes_back(
    embedded_broker: Broker, producer: Producer, topic: str
) -> None:
    """Promise 7."""
    await producer.deliver([lamp("1", minute=1, topic=topic), lamp("2", minute=2, topic=topic)])

    async with CatalogueLog(brokers=embedded_broker.address, topic=topic) as log:
        early = await log.folded_to(0)
        positions = await producer.deliver([lamp("3", minute=3, topic=topic)])
        [third] = [found for found in positions if isinstance(found, Position)]
        late = await log.folded_to(third.offset)

        found = [known.product("lamp") for known in (early, await log.folded_to(1), late)]
        assert [product.price for product in found if product] == [1, 2, 3]


async def test_what_does_not_come_in_time_is_said(embedded_broker: Broker, topic: str) -> None:
    async with CatalogueLog(brokers=embedded_broker.address, topic=topic) as log:
        with pytest.raises(NotFoldedError):
            await log.folded_to(7, timeout_ms=10)


async def test_the_true_word_is_appended_again_behind_an_older_one(
    embedded_broker: Broker, producer: Producer, topic: str
) -> None:
    """Compaction keeps the last record of a product: that must be the true one."""
    await producer.deliver([lamp("2", minute=2, topic=topic), lamp("1", minute=1, topic=topic)])

    async with (
        CatalogueLog(brokers=embedded_broker.address, producer=producer, topic=topic) as log,
        Reader(brokers=embedded_broker.address) as reader,
    ):
        await eventually(lambda: log.current.offset >= 2)
        await reader.assign_topics([topic], start=Beginning())
        records = [record async for batch in reader.read_to_end() for record in batch]

        last = decode_listed(records[-1].value)
        assert isinstance(last, ProductListed)
        assert last.price == 2
        assert len(records) == 3


async def test_a_record_nobody_can_read_is_passed_over(
    embedded_broker: Broker, producer: Producer, topic: str
) -> None:
    await producer.deliver([Record(topic=topic, key=b"x", value=b"{", partition=0)])

    async with CatalogueLog(brokers=embedded_broker.address, topic=topic) as log:
        assert (log.current.offset, log.undecodable_count) == (0, 1)
