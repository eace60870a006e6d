"""kill -9 of the worker while customers claim places: no limit is exceeded, no place is lost.

A campaign takes so many of those who open a lookbook. Beside it claims come that nobody waits for,
so that every grant of theirs is given back: the records go round both tables.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from agents.worker.batches import LogRecord
from agents.worker.owner import CUSTOMERS, SHARED
from agents.worker.recovery import Recovery
from engine.claims import ClaimAnswer, Claimed
from engine.definitions.changes import Action, Change
from engine.definitions.history import History
from engine.events import Event, Tracked
from engine.facts import Fact
from engine.shared.counters import CounterRow
from streams import topics, wire
from streams.definitions import Applied, DefinitionsLog
from streams.producer import Producer
from streams.records import Record
from tables import counters
from tests.support import ports, replaying, whole
from tests.support.brokers import Broker
from tests.support.processes import Part, running
from tests.support.waiting import eventually

CLAIMS = 2_000
"""That nobody waits for; and as many events that fire the campaign."""
COUNTERS = 20
CUSTOMERS_COUNT = 300
LIMIT = 40
PARTICIPANTS = 250
"""Of the 300 customers, who open the lookbook again and again."""

CAMPAIGN_COUNTER = b"campaign:lookbook:limit"
KILLS = 2
SLICE = 200
STREAM_S = 6


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    required = bool(request.config.getoption("--require-kafka"))
    with whole.own_broker(request.param, require_kafka=required) as broker:
        yield broker


async def test_places_survive_kills_of_the_worker(own_broker: Broker, tmp_path: Path) -> None:
    await whole.make_topics(own_broker)
    worker = Part(
        "agents.worker.run",
        log=tmp_path / "worker.log",
        broker=own_broker.address,
        redis=f"redis://127.0.0.1:{ports.free_port()}/0",
    )
    producer = Producer(brokers=own_broker.address)
    log = DefinitionsLog(brokers=own_broker.address, producer=producer)
    async with producer, log:
        await publish(log)
        with running(worker):
            await decides_by(own_broker, log)
            await stream(producer, worker)
            await eventually(lambda: is_at_rest(own_broker, log.history), within_s=60)
            assert worker.stop() == 0

        assert await wrong(own_broker, log.history) == []
        assert len(await entered(own_broker)) == PARTICIPANTS


async def publish(log: DefinitionsLog) -> None:
    body = {
        "id": "lookbook",
        "triggers": [
            {
                "id": "t",
                "type": "T31",
                "params": {"event": "Lookbook Opened"},
                "re_entry": {"policy": "never"},
            }
        ],
        "limit": {"total": PARTICIPANTS},
        "start": "day",
        "steps": {"day": {"type": "delay", "for": "1d"}},
    }
    actions: tuple[Action, ...] = ("put", "publish")
    for revision, action in enumerate(actions):
        outcome = await log.change(
            Change(
                change_id="c",
                kind="campaigns",
                id="lookbook",
                action=action,
                based_on=revision,
                body=msgspec.Raw(msgspec.json.encode(body if action == "put" else None)),
                at=0,
            )
        )
        assert isinstance(outcome, Applied)


async def decides_by(broker: Broker, log: DefinitionsLog) -> None:
    """Wait until the worker has told every partition of the campaign."""

    async def is_told() -> bool:
        logs = await whole.read_all(broker, topics.EVENTS.name)
        told = [
            wire.decode_switch(record.value).definitions_offset
            for logged in logs.values()
            for record in logged
            if record.kind == b"switch"
        ]
        return told.count(log.current.offset) >= whole.PARTITIONS

    await eventually(is_told, within_s=60)


def opened(number: int, now: int) -> Record:
    event = Tracked(id=f"e{number}", occurred_at=now, name="Lookbook Opened")
    return wire.record_of(f"u:{number % CUSTOMERS_COUNT}", event)


def records() -> list[Record]:
    now = time.time_ns() // 1_000_000
    return [one for n in range(CLAIMS) for one in (claim(n, now), opened(n, now))]


def claim(number: int, now: int) -> Record:
    return wire.shared_record(
        f"campaign:c{number % COUNTERS}:limit",
        Claimed(
            id=f"i{number}",
            occurred_at=now,
            claim_id=f"x{number}",
            customer=f"u:{number % CUSTOMERS_COUNT}",
            number=number,
            limit=LIMIT,
        ),
    )


async def stream(producer: Producer, worker: Part) -> None:
    """Slice by slice over some seconds, with the kills spread over them."""
    given = records()
    slices = [given[start : start + SLICE] for start in range(0, len(given), SLICE)]
    kills = {len(slices) * (number + 1) // (KILLS + 1) for number in range(KILLS)}
    for number, part in enumerate(slices):
        await producer.deliver(part)
        if number in kills:
            await killed(worker)
        await asyncio.sleep(STREAM_S / len(slices))


async def killed(worker: Part) -> None:
    """In the midst of its work; go on once the next one owns the partitions."""
    owned_count = worker.said.count("partition_owned")
    worker.kill()
    worker.start()
    await eventually(lambda: worker.said.count("partition_owned") > owned_count, within_s=60)


async def is_at_rest(broker: Broker, history: History) -> bool:
    """Every claim is answered, what nobody waited for came back, and the campaign is full."""
    stored = await counter_rows(broker)
    taken = {key: row.taken_count for key, row in stored.items() if row.taken_count}
    return (
        taken == {CAMPAIGN_COUNTER: PARTICIPANTS}
        and len(await answered(broker)) == CLAIMS
        and await wrong(broker, history) == []
    )


async def answered(broker: Broker) -> set[str]:
    """Claims that nobody waits for and that have an answer."""
    found: set[str] = set()
    for logged in (await whole.read_all(broker, topics.EVENTS.name)).values():
        for record in logged:
            event = msgspec.json.decode(record.value or b"", type=Event) if record.key else None
            if isinstance(event, ClaimAnswer) and event.claim_id.startswith("x"):
                found.add(event.claim_id)
    return found


async def entered(broker: Broker) -> set[str]:
    """Who is in the campaign."""
    logs = await whole.read_all(broker, topics.FACTS.name)
    facts = [
        msgspec.json.decode(record.value or b"", type=Fact)
        for logged in logs.values()
        for record in logged
    ]
    return {fact.customer for fact in facts if fact.kind == "entered"}


async def counter_rows(broker: Broker) -> dict[bytes, CounterRow]:
    stored: dict[bytes, bytes] = {}
    for records in (await whole.read_all(broker, SHARED.changelog)).values():
        restored = Recovery()
        restored.read((record.key, record.value) for record in records)
        stored |= restored.rows
    return {key: counters.decode(value)[1] for key, value in stored.items()}


async def wrong(broker: Broker, history: History) -> list[str]:
    """Compare with owners that never died, over the same logs."""
    stored, differences = await counter_rows(broker), []
    expected: dict[str, set[bytes]] = {topics.EVENTS.name: set(), topics.SHARED.name: set()}
    found: dict[str, set[bytes]] = {topics.EVENTS.name: set(), topics.SHARED.name: set()}
    for table in (CUSTOMERS, SHARED):
        for logged in (await whole.read_all(broker, table.topic)).values():
            clean = replaying.replay(logged, history, table=table)
            for topic, values in expected.items():
                values.update(clean.effects[topic])
            found[table.topic] |= {record.value or b"" for record in logged if is_ours(record)}
            if table is SHARED:
                keys = {record.key for record in logged if record.key}
                differences += [f"{key!r} differs" for key in keys if is_other(key, stored, clean)]
    differences += [
        f"{topic}: {len(values - found[topic])} lost, {len(found[topic] - values)} new"
        for topic, values in expected.items()
        if values != found[topic]
    ]
    return differences


def is_ours(record: LogRecord) -> bool:
    """Whether an owner appended it because of a record."""
    return (record.cause or b"").startswith((b"events/", b"shared/"))


def is_other(key: bytes, stored: dict[bytes, CounterRow], clean: replaying.Replayed) -> bool:
    """Whether the stored row is not what the log makes it; outboxes go at their own pace."""
    if key not in stored:
        return True
    clean_row: CounterRow = clean.partition.row(key)
    return bare(stored[key]) != bare(clean_row)


def bare(row: CounterRow) -> CounterRow:
    return msgspec.structs.replace(row, outbox=[])
