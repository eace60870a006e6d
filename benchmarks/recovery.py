"""How fast rows come back: our worker against the recovery of stock Faust's table.

Ours is timed by what it writes itself: the owner's marker before it reads, the partition's own row
when it owns. Faust is timed by what it logs.
"""

import asyncio
from typing import Final, NamedTuple

from agents.worker import recovery
from benchmarks import report, stack, subjects
from benchmarks.report import Cost, Figure, Scale
from benchmarks.shop import Shop
from benchmarks.stack import PARTITIONS, STALL_S, Ends, Stack
from benchmarks.subjects import OURS, PLAIN, Subject
from engine.definitions.folded import Definitions
from tests.support.processes import Part
from tests.support.waiting import eventually

OWNED: Final = "partition_owned"
BEGINS: Final = "Restoring state from changelog topics"
ENDS: Final = "Done reading from changelog topics"


class Span(NamedTuple):
    """Epoch ms."""

    began_at: int
    ended_at: int


def run(scale: Scale) -> list[Figure]:
    """Measure the same rows in both, and ours with a third of them."""
    count = scale.pick(60_000, 15_000)
    fewer = count // 3
    ours, plain, before = [], [], []
    for _ in range(scale.runs):
        ours.append(asyncio.run(_measured(OURS, count)))
        plain.append(asyncio.run(_measured(PLAIN, count)))
        before.append(asyncio.run(_measured(OURS, fewer)))
    growth = report.growth(
        f"{count:,} rows, ours",
        "row",
        spent_s=[cost.cpu_s / count for cost in ours],
        against=f"{fewer:,} rows",
        before_s=[cost.cpu_s / fewer for cost in before],
    )
    rates = report.rates(
        f"{count:,} rows", "rows", count, ours=ours, against="stock Faust table", baseline=plain
    )
    return [*rates, growth]


async def _measured(subject: Subject, rows_count: int) -> Cost:
    shop = Shop(customers_count=rows_count, definitions=Definitions(), start_at=subjects.now_ms())
    async with stack.running() as running:
        await running.publish([])
        await running.seed(subject.changelog, shop.known())
        ends = await running.ends(subject.changelog)
        with subjects.measured(subject, brokers=running.address, log_level="info") as started:
            worker, meter = started
            if subject is OURS:
                span = await _owned(running, worker, ends)
            else:
                span = await _logged(worker)
            await eventually(lambda: meter.has_reached(span.ended_at))
            return meter.cost(span.began_at, span.ended_at)


async def _owned(running: Stack, worker: Part, ends: Ends) -> Span:
    await eventually(lambda: worker.said.count(OWNED) == PARTITIONS, within_s=STALL_S)
    written = await running.read_from(ends)
    taken = [record.logged_at for record in written if record.key == recovery.OWNER_KEY]
    owned = [record.logged_at for record in written if record.key == recovery.SWITCH_KEY]
    return Span(min(taken), max(owned))


async def _logged(worker: Part) -> Span:
    await eventually(lambda: BEGINS in worker.said, within_s=STALL_S)
    began_at = subjects.now_ms()
    await eventually(lambda: ENDS in worker.said, within_s=STALL_S)
    return Span(began_at, subjects.now_ms())
