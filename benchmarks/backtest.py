"""A back-test over ClickHouse: what a record costs, and how that grows with the log.

The log is the shop's, as the sink stores it, with the switch that its partition decided under. As
it was, the timers stand in the log; as if, one more campaign lives beside, with timers of its own.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Final

import msgspec

from agents.sink import events as sink
from api.backtesting import running
from api.backtesting.reading import Known
from api.backtesting.running import Question
from benchmarks import campaigns, report
from benchmarks.report import Cost, Figure, Scale
from benchmarks.shop import Shop
from clickhouse import migrate
from clickhouse.client import Reader, Writer
from engine.catalogue import shelf
from engine.definitions.folded import Definitions
from engine.events import KINDS, Switched
from streams import topics
from streams.records import KIND_HEADER, Received
from tests.support import clickhouse

CUSTOMERS: Final = 2_000
START_AT: Final = 1_764_547_200_000
BLOCK_ROWS: Final = 5_000
END_AT: Final = START_AT + 10 * 24 * 60 * 60 * 1000


def run(scale: Scale) -> list[Figure]:
    """Measure a log and one of a quarter of it, as it was and as if."""
    count = scale.pick(100_000, 12_000)
    known, one_more = both_definitions()
    costs: dict[tuple[int, bool], list[Cost]] = {}
    totals: dict[int, int] = {}
    for events_count in (count // 4, count):
        with tempfile.TemporaryDirectory() as folder, clickhouse.running(Path(folder)) as server:
            totals[events_count] = asyncio.run(store(server.url, known, events_count))
            for is_supposed in (False, True):
                definitions = one_more if is_supposed else known
                question = question_of(definitions, is_supposed=is_supposed)
                costs[events_count, is_supposed] = [
                    asyncio.run(measured(server.url, known, question)) for _ in range(scale.runs)
                ]
    of = totals[count]
    figures = report.rates(
        f"{of:,} records, as if",
        "records",
        of,
        ours=costs[count, True],
        against="as it was",
        baseline=costs[count, False],
    )
    before = totals[count // 4]
    figures.append(
        report.growth(
            f"{of:,} records, as it was",
            "record",
            spent_s=[cost.cpu_s / of for cost in costs[count, False]],
            against=f"{before:,} records",
            before_s=[cost.cpu_s / before for cost in costs[count // 4, False]],
        )
    )
    return figures


def both_definitions() -> tuple[Definitions, Definitions]:
    """What ran, and the same with one campaign more."""
    return (
        campaigns.folded_from(campaigns.changes(["cart"])),
        campaigns.folded_from(campaigns.changes(["cart", "cart"])),
    )


def question_of(definitions: Definitions, *, is_supposed: bool) -> Question:
    """What is asked of the log."""
    entry = definitions.campaigns["reminder-1" if is_supposed else "reminder-0"]
    assert entry.published is not None
    return Question(entry.published, entry.published_version, 0, END_AT)


async def store(url: str, definitions: Definitions, events_count: int) -> int:
    """The shop's log, in one partition; returns how many records that is."""
    shop = Shop(customers_count=CUSTOMERS, definitions=definitions, start_at=START_AT)
    switch = Switched(id="switch", occurred_at=START_AT, definitions_offset=definitions.offset)
    found = [("", switch, START_AT), *shop.log(events_count)]
    async with Writer(url=url) as writer:
        await migrate.apply(writer, migrate.known())
        rows = [
            sink.row_of(
                Received(
                    topic=topics.EVENTS.name,
                    partition=0,
                    offset=offset,
                    key=key.encode(),
                    value=msgspec.json.encode(event),
                    headers={KIND_HEADER: KINDS[type(event)].encode()},
                    logged_at=at,
                )
            )
            for offset, (key, event, at) in enumerate(found)
        ]
        for first in range(0, len(rows), BLOCK_ROWS):
            await writer.insert(rows[first : first + BLOCK_ROWS])
    return len(rows)


async def measured(url: str, definitions: Definitions, question: Question) -> Cost:
    """What one back-test took."""
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    async with Reader(url=url) as reader:
        known = Known(lambda _: definitions, shelf.empty())
        await running.run(reader, known, question, progress=lambda _: None)
    return Cost(time.process_time() - began_cpu_s, time.monotonic() - began_s)
