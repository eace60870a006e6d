"""Our worker against plain Faust on the same log: how many events a CPU-second is worth.

Both find customers that they know, warm up, and are then given the rest of the log at once. Time
ends with the last record that they write. Runs whose customers do not come out alike are refused.
"""

import asyncio
from typing import Final, NamedTuple

import msgspec

from benchmarks import campaigns, report, stack, subjects
from benchmarks.report import Cost, Figure, Scale
from benchmarks.shop import AHEAD_MS, Shop
from benchmarks.subjects import OURS, PLAIN, Subject
from engine.definitions.changes import Change
from engine.rows import Row
from streams import topics, wire
from streams.records import Received, Record
from tables import rows

WARM_UP: Final = 1_000
"""Events that do not count."""

PLAIN_FAUST: Final = "plain Faust"


class Morning(NamedTuple):
    """What both are given."""

    changes: list[Change]
    known: list[tuple[str, Row]]
    log: list[Record]


class Outcome(NamedTuple):
    """One run."""

    cost: Cost
    customers: dict[bytes, bytes]
    """What became of everybody touched."""


class Pair(NamedTuple):
    """Both, on the same log."""

    ours: Cost
    plain: Cost


def run(scale: Scale) -> list[Figure]:
    """Measure at two numbers of customers, ten times apart."""
    count = scale.pick(60_000, 6_000)
    fewer = scale.pick(5_000, 1_000)
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
        RuntimeError: the two did not do the same work.
    """
    morning = _morning(WARM_UP + events_count, customers_count)
    ours = asyncio.run(_measured(OURS, morning))
    plain = asyncio.run(_measured(PLAIN, morning))
    if ours.customers != plain.customers:
        everybody = ours.customers.keys() | plain.customers.keys()
        differing = sum(ours.customers.get(key) != plain.customers.get(key) for key in everybody)
        raise RuntimeError(f"{differing} of {len(everybody)} customers came out differently")
    return Pair(ours.cost, plain.cost)


def _morning(events_count: int, customers_count: int) -> Morning:
    changes = campaigns.changes(["cart"])
    shop = Shop(
        customers_count=customers_count,
        definitions=campaigns.folded_from(changes),
        start_at=subjects.now_ms() + AHEAD_MS,
    )
    return Morning(
        changes=changes,
        known=list(shop.known()),
        log=[wire.record_of(key, event, logged_at=at) for key, event, at in shop.log(events_count)],
    )


async def _measured(subject: Subject, morning: Morning) -> Outcome:
    async with stack.running() as running:
        await running.publish(morning.changes)
        await running.seed(subject.changelog, morning.known)
        await running.deliver(morning.log[:WARM_UP])
        with subjects.measured(subject, brokers=running.address) as (worker, meter):
            await running.until_committed(subject.group, worker)
            before = await running.ends(subject.changelog, topics.MESSAGES.name, topics.FACTS.name)
            began_at = subjects.now_ms()
            await running.deliver(morning.log[WARM_UP:])
            await running.until_committed(subject.group, worker)
            records = await running.read_from(before)
    ended_at = max(record.logged_at for record in records)
    return Outcome(meter.cost(began_at, ended_at), _customers(records, subject.changelog))


def _customers(records: list[Received], changelog: str) -> dict[bytes, bytes]:
    last = {
        record.key: record.value
        for record in records
        if record.topic == changelog and record.key and not record.key.startswith(rows.RESERVED)
    }
    return {
        key: msgspec.msgpack.encode(rows.decode(value).row.customer)
        for key, value in last.items()
        if value is not None
    }
