"""From an event to its effect, both as Kafka's clients see them, at idle and beside a stream.

A probe asks for a message to be admitted again that nobody wants any more: the worker loads the
row, decides, writes the row, and only when that is durable a fact with the reason. The baseline is
a record that goes through the broker twice with nobody in between, in the same run.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import msgspec

from benchmarks import campaigns, stack, subjects
from benchmarks.report import Figure, Scale
from benchmarks.shop import AHEAD_MS, Shop, key_of
from benchmarks.stack import Stack
from benchmarks.subjects import OURS
from engine.events import RecheckRequested
from engine.messages import Message
from streams import topics, wire
from streams.consumer import Reader
from streams.positions import End
from streams.records import Received, Record

PACE_S: Final = 0.02
"""Between two probes."""

WARM_UP: Final = 20
"""Probes that do not count: the first record for a topic waits for what the broker knows of it."""

ARRIVAL_S: Final = 30
"""A probe that takes longer is lost, and the run with it."""

CUSTOMERS: Final = 5_000

BACKGROUND_PER_S: Final = 2_000

TICK_S: Final = 0.01

SLACK_S: Final = 30
"""The stream must outlast the probes, also on a busy machine."""

ECHO: Final = topics.TRACKER.name
"""A topic that nobody else uses here."""


class Route(NamedTuple):
    """A way for probes."""

    ask: Callable[[str], Record]
    topic: str
    """Where they come out."""
    arrived: Callable[[Received], str | None]
    """The probe's name; None for anything else."""


class Taken(NamedTuple):
    """Milliseconds of each probe."""

    ours: list[float]
    echo: list[float]


def run(scale: Scale) -> list[Figure]:
    """Measure at idle, then beside a stream of events, in one run of the worker."""
    count = scale.pick(500, 200)
    runs = [asyncio.run(_measured(count)) for _ in range(scale.runs)]
    cases = ("idle", f"{BACKGROUND_PER_S:,} events/s beside")
    return [
        Figure(
            case=case,
            measure=f"p{percent} ms",
            values=tuple(_percentile(taken[place].ours, percent) for taken in runs),
            against="twice through the broker",
            baselines=tuple(_percentile(taken[place].echo, percent) for taken in runs),
        )
        for place, case in enumerate(cases)
        for percent in (50, 99)
    ]


async def _measured(count: int) -> tuple[Taken, Taken]:
    changes = campaigns.changes(["cart"])
    shop = Shop(
        customers_count=CUSTOMERS,
        definitions=campaigns.folded_from(changes),
        start_at=subjects.now_ms() + AHEAD_MS,
    )
    background = [
        wire.record_of(key, event, logged_at=at)
        for key, event, at in shop.log(int((2 * count * PACE_S + SLACK_S) * BACKGROUND_PER_S))
    ]
    async with stack.running() as running:
        await running.publish(changes)
        await running.seed(OURS.changelog, list(shop.known()))
        with subjects.measured(OURS, brokers=running.address) as (worker, _):
            await running.until_committed(OURS.group, worker)
            idle = await _both(running, "i", count)
            async with _stream(running, background):
                return idle, await _both(running, "b", count)


async def _both(running: Stack, prefix: str, count: int) -> Taken:
    names = [f"{prefix}{number}" for number in range(WARM_UP + count)]

    def echoed(record: Received) -> str | None:
        if record.key == b"back":
            return (record.value or b"").decode()
        running.producer.hand_over([Record(topic=ECHO, key=b"back", value=record.value)])
        return None

    ours = Route(_recheck, topics.FACTS.name, _fact_about)
    echo = Route(lambda name: Record(topic=ECHO, key=b"out", value=name.encode()), ECHO, echoed)
    return Taken(await _taken(running, ours, names), await _taken(running, echo, names))


async def _taken(running: Stack, route: Route, names: Sequence[str]) -> list[float]:
    """Send the probes at their pace, and wait for the last.

    Raises:
        TimeoutError: it does not come.
    """
    sent: dict[str, float] = {}
    taken_ms: list[float] = []

    async def read(reader: Reader) -> None:
        while len(taken_ms) < len(names):
            for record in await reader.read():
                began_s = sent.pop(route.arrived(record) or "", None)
                if began_s is not None:
                    taken_ms.append((time.perf_counter() - began_s) * 1000)

    async with Reader(brokers=running.address) as reader, asyncio.TaskGroup() as group:
        await reader.assign_topics([route.topic], start=End())
        reading = group.create_task(read(reader))
        for name in names:
            sent[name] = time.perf_counter()
            running.producer.hand_over([route.ask(name)])
            await asyncio.sleep(PACE_S)
        await asyncio.wait_for(reading, ARRIVAL_S)
    return taken_ms[WARM_UP:]


@asynccontextmanager
async def _stream(running: Stack, records: Sequence[Record]) -> AsyncIterator[None]:
    """Append beside the block.

    Raises:
        RuntimeError: the records ended before the block did.
    """

    async def feed() -> None:
        began_s, done = time.perf_counter(), 0
        while done < len(records):
            wanted = int((time.perf_counter() - began_s) * BACKGROUND_PER_S)
            await running.producer.deliver(records[done:wanted])
            done = max(done, wanted)
            await asyncio.sleep(TICK_S)

    feeding = asyncio.create_task(feed())
    try:
        yield
        if feeding.done():
            raise RuntimeError("the stream ended before the last probe arrived")
    finally:
        feeding.cancel()
        await asyncio.wait([feeding])


def _recheck(name: str) -> Record:
    now = subjects.now_ms()
    number = int(name[1:]) % CUSTOMERS
    message = Message(
        id=name,
        customer=f"{number:06}",
        channel="email",
        to=f"{number:06}@example.com",
        campaign="reminder-0",
        version=1,
        trigger="t",
        instance="i",
        step="s1",
        template="cart-mail",
        template_version=1,
        message_class="marketing",
        decided_at=now,
        caused_at=now,
        expires_at=now,
    )
    event = RecheckRequested(id=name, occurred_at=now, message=message)
    return wire.record_of(key_of(number), event)


class _About(msgspec.Struct):
    """What tells a probe's fact from others."""

    message_id: str | None = None


_about: Final = msgspec.json.Decoder(_About).decode


def _fact_about(record: Received) -> str | None:
    return _about(record.value or b"{}").message_id


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
