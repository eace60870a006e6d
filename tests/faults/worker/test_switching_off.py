"""A real worker switches a failing campaign off and pauses a guarded one, killed on the way or not.

Three campaigns on one event: one fails for whoever has as many visits as a number holds, one has a
volume guard, the third is there to go on.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from engine.definitions.changes import Action, Change
from engine.definitions.folded import Definitions
from engine.events import Identified, Tracked
from engine.facts import Fact
from streams import topics, wire
from streams.definitions import Applied, DefinitionsLog
from streams.producer import Producer
from tests.support import ports, whole
from tests.support.brokers import Broker
from tests.support.processes import Part, running
from tests.support.waiting import eventually

CUSTOMERS_COUNT = 60
ENTRIES = 20
FULL = 2**63 - 1

GO = {"id": "t", "type": "T31", "params": {"event": "Go"}, "re_entry": {"policy": "never"}}
DAY = {"day": {"type": "delay", "for": "1d"}}
COUNT = {"count": {"type": "update", "increment": {"visits": 1}, "next": "day"}}

CAMPAIGNS: dict[str, dict[str, object]] = {
    "failing": {"triggers": [GO], "start": "count", "steps": {**COUNT, **DAY}},
    "guarded": {
        "triggers": [{**GO, "volume_guard": {"entries": ENTRIES, "per": "1h"}}],
        "start": "day",
        "steps": DAY,
    },
    "other": {"triggers": [GO], "start": "day", "steps": DAY},
}


@pytest.fixture(params=["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
def own_broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    required = bool(request.config.getoption("--require-kafka"))
    with whole.own_broker(request.param, require_kafka=required) as broker:
        yield broker


async def test_a_campaign_that_fails_or_is_flooded_ends_alone_and_once(
    own_broker: Broker, tmp_path: Path
) -> None:
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
        for name, body in CAMPAIGNS.items():
            await publish(log, name, body)
        published_at = log.current.offset
        with running(worker):
            await decides_by(own_broker, published_at)
            await stream(producer)
            worker.kill()
            worker.start()
            await eventually(lambda: is_off(log), within_s=60)
            await eventually(lambda: have_entered(own_broker), within_s=60)
            assert worker.stop() == 0

        said = [
            (entry.change.id, entry.change.action, entry.change.by)
            for entry in log.changes_after(published_at)
            if entry.change is not None
        ]
        assert sorted(said) == [("failing", "fail", "oncue"), ("guarded", "pause", "oncue")]
        assert reasons(log.current) == ("steps.count", ENTRIES)
        assert len(await entered(own_broker, "guarded")) == ENTRIES


async def publish(log: DefinitionsLog, name: str, body: dict[str, object]) -> None:
    actions: tuple[Action, ...] = ("put", "publish")
    for revision, action in enumerate(actions):
        said = {"id": name, **body} if action == "put" else None
        change = Change(
            change_id="c",
            kind="campaigns",
            id=name,
            action=action,
            based_on=revision,
            body=msgspec.Raw(msgspec.json.encode(said)),
            at=0,
        )
        assert isinstance(await log.change(change), Applied)


async def decides_by(broker: Broker, offset: int) -> None:
    """Wait until the worker has told every partition of the campaigns."""

    async def is_told() -> bool:
        logs = await whole.read_all(broker, topics.EVENTS.name)
        told = [
            wire.decode_switch(record.value).definitions_offset
            for logged in logs.values()
            for record in logged
            if record.kind == b"switch"
        ]
        return told.count(offset) >= whole.PARTITIONS

    await eventually(is_told, within_s=60)


async def stream(producer: Producer) -> None:
    """Everybody comes, and one in three cannot be counted."""
    now = time.time_ns() // 1_000_000
    records = []
    for n in range(CUSTOMERS_COUNT):
        if n % 3 == 0:
            full = Identified(id=f"i-{n}", occurred_at=now, traits={"visits": FULL})
            records.append(wire.record_of(f"u:c{n}", full))
        records.append(wire.record_of(f"u:c{n}", Tracked(id=f"go-{n}", occurred_at=now, name="Go")))
    await producer.deliver(records)


async def is_off(log: DefinitionsLog) -> bool:
    known = log.current
    return (known.status("failing"), known.status("guarded")) == ("failed", "paused")


async def have_entered(broker: Broker) -> bool:
    return len(await entered(broker, "other")) == CUSTOMERS_COUNT


async def entered(broker: Broker, campaign: str) -> set[str]:
    logs = await whole.read_all(broker, topics.FACTS.name)
    facts = [
        msgspec.json.decode(record.value or b"", type=Fact)
        for logged in logs.values()
        for record in logged
    ]
    return {fact.customer for fact in facts if (fact.campaign, fact.kind) == (campaign, "entered")}


def reasons(known: Definitions) -> tuple[str, int]:
    failed, paused = known.campaigns["failing"].failure, known.campaigns["guarded"].guard
    assert failed is not None
    assert paused is not None
    return failed.place, paused.entries
