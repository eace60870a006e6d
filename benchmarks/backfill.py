"""A backfill over ClickHouse: how many records of the log it counts a second, beside a back-test.

The log is that of `benchmarks.backtest`. What the log holds is replayed whole, whatever is asked,
so the cost grows with its records. Rests between the slices count as time, not as work.
"""

import asyncio
import tempfile
import time
from pathlib import Path

import msgspec

from api.backtesting.reading import Known
from api.refilling import replaying
from api.refilling.replaying import Asked
from benchmarks import backtest, report
from benchmarks.report import Cost, Figure, Scale
from clickhouse.client import Reader
from engine.catalogue import shelf
from engine.definitions.counters import MetricEntry
from engine.definitions.folded import Definitions
from engine.definitions.metrics import Metric
from tests.support import clickhouse

METRIC = Metric(id="m", of="event", aggregate="count")


def run(scale: Scale) -> list[Figure]:
    """Measure one log, by both."""
    known, _ = backtest.both_definitions()
    with tempfile.TemporaryDirectory() as folder, clickhouse.running(Path(folder)) as server:
        count = asyncio.run(backtest.store(server.url, known, scale.pick(100_000, 12_000)))
        question = backtest.question_of(known, is_supposed=False)
        ours, baseline = [], []
        for _ in range(scale.runs):
            ours.append(asyncio.run(_measured(server.url, known, count)))
            baseline.append(asyncio.run(backtest.measured(server.url, known, question)))
    return report.rates(
        f"{count:,} records",
        "records",
        count,
        ours=ours,
        against="a back-test",
        baseline=baseline,
    )


async def _measured(url: str, definitions: Definitions, count: int) -> Cost:
    entry = MetricEntry(revision=1, versions={1: METRIC}, counted_version=1, since=0)
    asked = Asked(entries={"m": entry}, seams={0: count}, begun_at=0, after="")
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    async with Reader(url=url) as reader:
        known = Known(lambda _: definitions, shelf.empty())
        async for command in replaying.run(reader, known, asked, progress=_nobody):
            msgspec.json.encode(command)
    return Cost(time.process_time() - began_cpu_s, time.monotonic() - began_s)


async def _nobody(_: int) -> None:
    """Hears how far it is."""
