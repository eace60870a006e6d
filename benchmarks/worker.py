"""Our worker against plain Faust on the same log: how many events a CPU-second is worth.

Both find customers that they know, warm up, and are then given the rest of the log at once. Time
ends with the last record that they write. A run counts only if its customers come out as the engine
alone makes them.
"""

import asyncio
from typing import Final, NamedTuple

import msgspec

from benchmarks import campaigns, report, stack, subjects
from benchmarks.plain_faust import Outcome
from benchmarks.report import Cost, Figure, Scale
from benchmarks.shop import AHEAD_MS, Shop, digest
from benchmarks.stack import StalledError
from benchmarks.subjects import OURS, PLAIN, Subject
from engine.definitions.changes import Change
from engine.rows import Row
from streams import topics, wire
from streams.records import Received, Record
from tables import rows
from tests.support.processes import Part

WARM_UP: Final = 1_000
"""Events that do not count."""

TRIES: Final = 4

PLAIN_FAUST: Final = "plain Faust"


class Morning(NamedTuple):
    """What both are given."""

    changes: list[Change]
    known: list[tuple[str, Row]]
    log: list[Record]
    digest: str
    """Of the customers as they must come out."""


class Measured(NamedTuple):
    """One run."""

    cost: Cost
    digest: str


class Pair(NamedTuple):
    """Both, on the same log."""

    ours: Cost
    plain: Cost


def run(scale: Scale) -> list[Figure]:
    """Measure at two numbers of customers, ten times apart."""
    count = scale.pick(60_000, 5_000)
    fewer = scale.pick(5_000, 500)
    more = 10 * fewer
    figures: list[Figure] = []
    costs: dict[tuple[str, int], list[Cost]] = {}
    for customers_count in (fewer, more):
        pairs = [_pair(count, customers_count) for _ in range(scale.runs)]
        ours = costs["ours", customers_count] = [pair.ours for pair in pairs]
        plain = costs[PLAIN_FAUST, customers_count] = [pair.plain for pair in pairs]
        case = f"{customers_count:,} customers"
        figures += report.rates(
            case, "events", count, ours=ours, against=PLAIN_FAUST, baseline=plain
        )
    for name in ("ours", PLAIN_FAUST):
        figures.append(
            report.growth(
                f"{more:,} customers, {name}",
                "event",
                spent_s=[cost.cpu_s / count for cost in costs[name, more]],
                against=f"{fewer:,} customers",
                before_s=[cost.cpu_s / count for cost in costs[name, fewer]],
            )
        )
    return figures


def _pair(events_count: int, customers_count: int) -> Pair:
    """Ours first: its clock must not reach the timers in the log before it has met them there.

    Raises:
        RuntimeError: our customers did not come out as they must.
    """
    morning = _morning(WARM_UP + events_count, customers_count)
    ours = asyncio.run(_measured(OURS, morning))
    if ours.digest != morning.digest:
        raise RuntimeError("our customers did not come out as the engine alone makes them")
    return Pair(ours.cost, _plain(morning))


def _plain(morning: Morning) -> Cost:
    """A run of plain Faust in which it did the work; now and then it does not (decision 0003).

    Raises:
        RuntimeError: it never did.
    """
    for _ in range(TRIES):
        try:
            measured = asyncio.run(_measured(PLAIN, morning))
        except StalledError:
            print("plain Faust stands still: once more", flush=True)
            continue
        if measured.digest == morning.digest:
            return measured.cost
        print("plain Faust lost events or applied them twice: once more", flush=True)
    raise RuntimeError(f"plain Faust did not do the work in {TRIES} tries")


def _morning(events_count: int, customers_count: int) -> Morning:
    changes = campaigns.changes(["cart"])
    shop = Shop(
        customers_count=customers_count,
        definitions=campaigns.folded_from(changes),
        start_at=subjects.now_ms() + AHEAD_MS,
    )
    known = list(shop.known())
    log = [wire.record_of(key, event, logged_at=at) for key, event, at in shop.log(events_count)]
    return Morning(changes=changes, known=known, log=log, digest=digest(shop.touched))


async def _measured(subject: Subject, morning: Morning) -> Measured:
    async with stack.running() as running:
        await running.publish(morning.changes)
        await running.seed(subject.changelog, morning.known)
        before = await running.ends(subject.changelog, topics.MESSAGES.name, topics.FACTS.name)
        await running.deliver(morning.log[:WARM_UP])
        with subjects.measured(subject, brokers=running.address) as (worker, meter):
            await running.until_committed(subject.group, worker)
            began_at = subjects.now_ms()
            await running.deliver(morning.log[WARM_UP:])
            await running.until_committed(subject.group, worker)
            if subject is OURS:
                outcome = _written(await running.read_from(before))
            else:
                outcome = _told(worker)
            return Measured(meter.cost(began_at, outcome.ended_at), outcome.digest)


def _written(records: list[Received]) -> Outcome:
    """By the log."""
    customers = {
        record.key: rows.decode(record.value).row.customer
        for record in records
        if record.topic == OURS.changelog and record.key and record.value
        if not record.key.startswith(rows.RESERVED)
    }
    ended_at = max(record.logged_at for record in records)
    return Outcome(ended_at=ended_at, digest=digest(customers))


def _told(worker: Part) -> Outcome:
    """By its last words.

    Raises:
        RuntimeError: it has none.
    """
    worker.stop()
    for line in worker.said.splitlines():
        if line.startswith("{"):
            return msgspec.json.decode(line, type=Outcome)
    raise RuntimeError(f"no outcome:\n{worker.said[-4000:]}")
