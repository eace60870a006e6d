"""kill -9 of worker and sink in mid-stream: rows exact, each effect there and no other."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from agents.worker.batches import LogRecord
from agents.worker.recovery import Recovery
from clickhouse import migrate
from clickhouse.client import Reader, Writer
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.events import CartItemAdded, Identified, SourceEvent
from engine.products import Product
from streams import topics, wire
from streams.definitions import Applied, DefinitionsLog
from streams.producer import Producer
from streams.records import Record
from tables import rows
from tests.support import ports, replaying, whole
from tests.support.brokers import Broker
from tests.support.clickhouse import ClickHouse
from tests.support.processes import Part, running
from tests.support.story import TEMPLATE, campaign
from tests.support.waiting import eventually

EVENTS = 20_000
CUSTOMERS = 1_000
KILLS = 2
SLICE = 500
STREAM_S = 14

MESSAGES, FACTS = topics.MESSAGES.name, topics.FACTS.name


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    required = bool(request.config.getoption("--require-kafka"))
    with whole.own_broker(request.param, require_kafka=required) as broker:
        yield broker


async def publish(log: DefinitionsLog) -> None:
    async def change(
        kind: DefinitionKind, name: str, action: Action, body: object = None, *, based_on: int
    ) -> None:
        raw = msgspec.Raw(msgspec.json.encode(body))
        outcome = await log.change(
            Change(
                change_id="c", kind=kind, id=name, action=action, based_on=based_on, body=raw, at=0
            )
        )
        assert isinstance(outcome, Applied)

    await change("templates", "cart-mail", "put", TEMPLATE, based_on=0)
    await change("campaigns", "cart-reminder", "put", campaign(idle="1s"), based_on=0)
    await change("campaigns", "cart-reminder", "publish", based_on=1)


def events() -> list[Record]:
    """Everybody says yes, then fills the cart again and again."""
    now = time.time_ns() // 1_000_000
    records = []
    for number in range(EVENTS):
        event: SourceEvent = CartItemAdded(
            id=f"e{number}", occurred_at=now, product=Product(id=f"p{number % 7}")
        )
        if number < CUSTOMERS:
            event = Identified(
                id=f"e{number}",
                occurred_at=now,
                traits={"email": f"c{number}@example.com"},
                subscriptions={"email": True},
            )
        records.append(wire.record_of(f"u:{number % CUSTOMERS}", event))
    return records


async def test_twenty_thousand_events_survive_kills_of_the_worker(
    own_broker: Broker, own_clickhouse: ClickHouse, tmp_path: Path
) -> None:
    await whole.make_topics(own_broker)
    async with Writer(url=own_clickhouse.url) as writer:
        await migrate.apply(writer, migrate.known())
    worker, sink = (
        Part(
            f"agents.{name}.run",
            log=tmp_path / f"{name}.log",
            broker=own_broker.address,
            clickhouse=own_clickhouse.url,
            redis=f"redis://127.0.0.1:{ports.free_port()}/0",
        )
        for name in ("worker", "sink")
    )
    producer = Producer(brokers=own_broker.address)
    log = DefinitionsLog(brokers=own_broker.address, producer=producer)
    async with producer, log:
        await publish(log)
        with running(worker), running(sink):
            await stream(producer, worker, sink)
            await eventually(lambda: everything_came_of_it(own_broker, log), within_s=60)
            assert worker.stop() == 0
            await eventually(lambda: everything_is_stored(own_broker, own_clickhouse), within_s=60)
        assert await wrong(own_broker, log) == []
    assert worker.said.count("partition_owned") >= 4


async def stream(producer: Producer, *killed: Part) -> None:
    """Slice by slice over some seconds, with the kills spread over them."""
    records = events()
    slices = [records[start : start + SLICE] for start in range(0, EVENTS, SLICE)]
    kills = {len(slices) * (number + 1) // (KILLS + 1) for number in range(KILLS)}
    for number, part in enumerate(slices):
        await producer.deliver(part)
        for one in killed if number in kills else ():
            one.kill()
            one.start()
        await asyncio.sleep(STREAM_S / len(slices))


async def everything_came_of_it(broker: Broker, log: DefinitionsLog) -> bool:
    """All events applied, no timer left, all effects out."""
    stored = await final_rows(broker)
    counted = sum(rows.decode(value).row.customer.events_count for value in stored.values())
    pending = any(rows.decode_header(value).next_due_at != rows.NEVER for value in stored.values())
    return counted >= EVENTS and not pending and await wrong(broker, log) == []


async def everything_is_stored(broker: Broker, clickhouse: ClickHouse) -> bool:
    """The views hold each event, message and fact of the logs once, and nothing else."""
    logged = {
        "tracker": sorted(f"e{number}" for number in range(EVENTS)),
        **{topic: await ids(broker, topic) for topic in (MESSAGES, FACTS)},
    }
    async with Reader(url=clickhouse.url) as reader:
        for view, expected in logged.items():
            rows_found = await reader.rows(f"SELECT id FROM oncue.{view} ORDER BY id")  # noqa: S608
            if [row["id"] for row in rows_found] != expected:
                return False
    return True


async def ids(broker: Broker, topic: str) -> list[str]:
    found = {msgspec.json.decode(value)["id"] for value in await values(broker, topic)}
    return sorted(found)


async def final_rows(broker: Broker) -> dict[bytes, bytes]:
    stored: dict[bytes, bytes] = {}
    changelog = await whole.read_all(broker, topics.CUSTOMERS_CHANGELOG.name)
    for records in changelog.values():
        restored = Recovery()
        restored.read((record.key, record.value) for record in records)
        stored |= restored.rows
    return stored


async def wrong(broker: Broker, log: DefinitionsLog) -> list[str]:
    """Compare with an owner that never died, over the same log; and with what was sent in."""
    logs = await whole.read_all(broker, topics.EVENTS.name)
    stored = await final_rows(broker)
    found = {
        topic: await values(broker, topic) for topic in (MESSAGES, FACTS, topics.DEAD_LETTERS.name)
    }
    # Between the rows of one person: what a worker appended says which record made it do so.
    found[topics.EVENTS.name] = {
        record.value or b""
        for records in logs.values()
        for record in records
        if (record.cause or b"").startswith(topics.EVENTS.name.encode() + b"/")
    }
    expected: dict[str, set[bytes]] = {name: set() for name in found}
    differences = []
    for records in logs.values():
        clean = replaying.replay(records, log.history)
        for name, effects in expected.items():
            effects.update(clean.effects[name])
        differences += wrong_rows(records, stored, clean)
    differences += [
        f"{name}: {len(expected[name] - found[name])} lost, {len(found[name] - expected[name])} new"
        for name in found
        if found[name] != expected[name]
    ]
    people = [row for value in stored.values() if not (row := rows.decode(value).row).forward]
    counts = Counter(row.customer.events_count for row in people)
    if counts != {EVENTS // CUSTOMERS: CUSTOMERS}:
        differences.append(f"events of customers: {counts}")
    return differences


def wrong_rows(
    records: list[LogRecord], stored: dict[bytes, bytes], clean: replaying.Replayed
) -> list[str]:
    keys = {record.key for record in records if record.key}
    return [
        f"{key!r} differs"
        for key in keys
        if key not in stored
        or rows.decode(stored[key]).row.customer != clean.partition.row(key).customer
    ]


async def values(broker: Broker, topic: str) -> set[bytes]:
    logs = await whole.read_all(broker, topic)
    return {record.value or b"" for records in logs.values() for record in records}
