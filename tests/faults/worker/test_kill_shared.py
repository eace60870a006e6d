"""kill -9 of the worker while customers claim places: each claim is answered, no place is lost.

Nobody waits for these claims, so every grant is given back: the records go round both tables.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from agents.worker.owner import CUSTOMERS, SHARED
from agents.worker.recovery import Recovery
from engine.claims import ClaimAnswer, Claimed, ClaimGranted
from engine.definitions.history import History
from engine.events import Event
from engine.shared.counters import CounterRow
from streams import topics, wire
from streams.producer import Producer
from streams.records import Record
from tables import counters
from tests.support import ports, replaying, whole
from tests.support.brokers import Broker
from tests.support.processes import Part, running
from tests.support.waiting import eventually

CLAIMS = 4_000
COUNTERS = 20
CUSTOMERS_COUNT = 300
LIMIT = 40
KILLS = 2
SLICE = 200
STREAM_S = 10


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    required = bool(request.config.getoption("--require-kafka"))
    with whole.own_broker(request.param, require_kafka=required) as broker:
        yield broker


async def test_four_thousand_claims_survive_kills_of_the_worker(
    own_broker: Broker, tmp_path: Path
) -> None:
    await whole.make_topics(own_broker)
    worker = Part(
        "agents.worker.run",
        log=tmp_path / "worker.log",
        broker=own_broker.address,
        redis=f"redis://127.0.0.1:{ports.free_port()}/0",
    )
    async with Producer(brokers=own_broker.address) as producer:
        with running(worker):
            await stream(producer, worker)
            await eventually(lambda: is_at_rest(own_broker), within_s=60)
            assert worker.stop() == 0

    assert await wrong(own_broker) == []


def claims() -> list[Record]:
    now = time.time_ns() // 1_000_000
    return [
        wire.shared_record(
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
        for number in range(CLAIMS)
    ]


async def stream(producer: Producer, worker: Part) -> None:
    """Slice by slice over some seconds, with the kills spread over them."""
    records = claims()
    slices = [records[start : start + SLICE] for start in range(0, CLAIMS, SLICE)]
    kills = {len(slices) * (number + 1) // (KILLS + 1) for number in range(KILLS)}
    for number, part in enumerate(slices):
        await producer.deliver(part)
        if number in kills:
            worker.kill()
            worker.start()
        await asyncio.sleep(STREAM_S / len(slices))


async def is_at_rest(broker: Broker) -> bool:
    """Every claim is answered, and every grant came back."""
    answers = await answered(broker)
    taken = [row.taken_count for row in (await counter_rows(broker)).values()]
    return len(answers) == CLAIMS and not any(taken) and await wrong(broker) == []


async def answered(broker: Broker) -> dict[str, bool]:
    """Whether a place was granted, by claim."""
    found: dict[str, bool] = {}
    for records in (await whole.read_all(broker, topics.EVENTS.name)).values():
        for record in records:
            event = msgspec.json.decode(record.value or b"", type=Event) if record.key else None
            if isinstance(event, ClaimAnswer):
                found[event.claim_id] = isinstance(event, ClaimGranted)
    return found


async def counter_rows(broker: Broker) -> dict[bytes, CounterRow]:
    stored: dict[bytes, bytes] = {}
    for records in (await whole.read_all(broker, SHARED.changelog)).values():
        restored = Recovery()
        restored.read((record.key, record.value) for record in records)
        stored |= restored.rows
    return {key: counters.decode(value)[1] for key, value in stored.items()}


async def wrong(broker: Broker) -> list[str]:
    """Compare with owners that never died, over the same logs."""
    stored, differences = await counter_rows(broker), []
    expected: dict[str, set[bytes]] = {topics.EVENTS.name: set(), topics.SHARED.name: set()}
    found: dict[str, set[bytes]] = {topics.EVENTS.name: set(), topics.SHARED.name: set()}
    for table in (CUSTOMERS, SHARED):
        for records in (await whole.read_all(broker, table.topic)).values():
            clean = replaying.replay(records, History(), table=table)
            for topic, values in expected.items():
                values.update(clean.effects[topic])
            found[table.topic] |= {record.value or b"" for record in records if record.cause}
            if table is SHARED:
                keys = {record.key for record in records if record.key}
                differences += [f"{key!r} differs" for key in keys if is_other(key, stored, clean)]
    differences += [
        f"{topic}: {len(values - found[topic])} lost, {len(found[topic] - values)} new"
        for topic, values in expected.items()
        if values != found[topic]
    ]
    return differences


def is_other(key: bytes, stored: dict[bytes, CounterRow], clean: replaying.Replayed) -> bool:
    """Whether the stored row is not what the log makes it; outboxes go at their own pace."""
    if key not in stored:
        return True
    clean_row: CounterRow = clean.partition.row(key)
    return bare(stored[key]) != bare(clean_row)


def bare(row: CounterRow) -> CounterRow:
    return msgspec.structs.replace(row, outbox=[])
