"""What cannot be stored is kept as a dead letter, and stops nothing."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import msgspec
import pytest

from engine.deadletters import DeadLetter
from engine.events import OrderCompleted, PageViewed
from streams import topics
from streams.consumer import Reader
from streams.positions import Beginning
from streams.records import Record
from tests.support.storage import Storage, record_of
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("sink")

T0 = 1_764_547_200_000
READ = (topics.EVENTS, topics.MESSAGES, topics.SENDS, topics.FACTS, topics.DEAD_LETTERS)

NONSENSE = (None, b"", b"{", b"\xff\xfe", b"[]", b'{"type":"unknown"}', b"[" * 5_000)


def page(number: int) -> Record:
    return record_of(PageViewed(id=f"e{number}", occurred_at=T0))


def holds(store: Storage, *, tracker: int, rejections: int) -> Callable[[], bool | Awaitable[bool]]:
    async def check() -> bool:
        counts = (await store.count("tracker"), await store.count("rejections"))
        return counts == (tracker, rejections)

    return check


async def test_what_is_no_record_of_its_topic_becomes_a_dead_letter(store: Storage) -> None:
    poison = [
        Record(topic=topic.name, key=b"u:c1", value=value) for topic in READ for value in NONSENSE
    ]

    await store.append([page(1), *poison, page(2)])

    await eventually(holds(store, tracker=2, rejections=len(poison)))
    found = await store.rows("SELECT DISTINCT place, code FROM oncue.rejections")
    assert found == [{"place": "sink", "code": "undecodable"}]


async def test_a_row_that_does_not_fit_is_taken_out_of_its_block(store: Storage) -> None:
    unfit = OrderCompleted(id="rich", occurred_at=T0, order_id="o1", total=Decimal("1e18"))
    records = [page(number) for number in range(1_000)]
    records[333:333] = [record_of(unfit)]

    await store.append(records)

    await eventually(holds(store, tracker=1_000, rejections=1))
    (found,) = await store.rows("SELECT code, payload FROM oncue.rejections")
    assert found["code"] == "not_storable"
    assert msgspec.json.decode(found["payload"], type=OrderCompleted) == unfit


async def test_a_key_that_is_no_text_becomes_a_dead_letter(store: Storage) -> None:
    poison = record_of(PageViewed(id="e9", occurred_at=T0), key=b"u:\xff")

    await store.append([poison, page(1)])

    await eventually(holds(store, tracker=1, rejections=1))


async def test_a_time_beyond_the_calendar_is_kept_at_its_end(store: Storage) -> None:
    await store.append([record_of(PageViewed(id="e1", occurred_at=2**62))])

    await eventually(holds(store, tracker=1, rejections=0))
    assert await store.rows("SELECT toYear(at) AS year FROM oncue.tracker") == [{"year": 2299}]


async def test_a_dead_letter_of_the_sink_that_cannot_be_stored_ends_there(
    store: Storage,
) -> None:
    """Or each refusal would be refused in turn, for ever."""
    await store.writer.command(
        "ALTER TABLE oncue.dead_letters_log MODIFY COLUMN message FixedString(1)"
    )
    letter = DeadLetter(id="d1", place="collector", code="bad", message="no", payload=b"", at=T0)
    await store.append([Record(topic="dead-letters", key=None, value=msgspec.json.encode(letter))])
    await eventually(buried(store, 2))

    # Far more time than another round would take.
    await store.append([page(1)])
    await eventually(holds(store, tracker=1, rejections=0))
    await store.append([page(2)])
    await eventually(holds(store, tracker=2, rejections=0))

    assert await buried(store, 2)()


def buried(store: Storage, count: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        async with Reader(brokers=store.broker) as reader:
            await reader.assign_topics(["dead-letters"], start=Beginning())
            ends = await reader.end_offsets()
        return sum(ends.values()) == count

    return check
