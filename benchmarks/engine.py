"""The floor: what deciding costs without Kafka, and how it grows with the number of campaigns.

One partition's owner folds the shop's log in chunks as large as the worker's. What a tracker's
event costs includes the timers that come of it. The baseline decodes the tracker's events and
encodes them again: no worker in Python can do less.
"""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from agents.batching import running
from agents.batching.tuning import Tuning
from agents.worker.batches import LogRecord
from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from benchmarks import campaigns, report
from benchmarks.report import Figure, Scale
from benchmarks.shop import Shop
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.events import KINDS
from streams import wire
from tables import rows

CASES: Final = {
    "1 campaign": ["cart"],
    "10 campaigns": ["cart"] * 10,
    "100 campaigns": ["cart"] * 100,
    "100 campaigns, 1 on the cart": ["cart", *(f"list-{number}" for number in range(99))],
}
"""What the campaigns watch. On the cart all of them fire for everybody who leaves one: the worst
there is, and 100 messages at a time."""

CUSTOMERS: Final = 1_250
"""A quarter of 5,000: what one of four partitions has."""

RUNS_MIN: Final = 3
"""Of a benchmark as short as this one, also when it must be quick."""

CODEC_TIMES: Final = 10
"""Else the baseline is over too soon to be measured."""

START_AT: Final = 1_764_547_200_000

FAR_FUTURE: Final = 2**62
"""The worker's clock: nothing in the log is ahead of it."""


def run(scale: Scale) -> list[Figure]:
    """Measure each number of campaigns against the codec, and against one campaign."""
    return growing(
        {case: campaigns.changes(containers) for case, containers in CASES.items()}, scale
    )


def growing(cases: Mapping[str, Sequence[Change]], scale: Scale) -> list[Figure]:
    """Measure each installation against the codec, and against the first of them."""
    count = scale.pick(20_000, 2_000)
    figures: list[Figure] = []
    costs: dict[str, list[float]] = {}
    for case, changes in cases.items():
        definitions = campaigns.folded_from(changes)
        runs = [both(definitions, count) for _ in range(max(scale.runs, RUNS_MIN))]
        costs[case] = [fold_s for fold_s, _ in runs]
        figures.append(
            Figure(
                case=case,
                measure="events per CPU-second",
                values=tuple(1 / fold_s for fold_s, _ in runs),
                against="decode and encode",
                baselines=tuple(1 / codec_s for _, codec_s in runs),
            )
        )
    first, *more = cases
    figures += [
        report.growth(case, "event", spent_s=costs[case], against=first, before_s=costs[first])
        for case in more
    ]
    return figures


def both(definitions: Definitions, events_count: int) -> tuple[float, float]:
    """CPU seconds per tracker's event of the fold, and of the codec alone."""
    shop = Shop(customers_count=CUSTOMERS, definitions=definitions, start_at=START_AT)
    restored = Recovery()
    restored.read(
        (key.encode(), rows.encode(row, epoch=0, version=1, offset=0)) for key, row in shop.known()
    )
    records = [
        LogRecord(
            key=key.encode(),
            value=msgspec.json.encode(event),
            kind=KINDS[type(event)].encode(),
            cause=None,
            offset=offset,
            logged_at=at,
        )
        for offset, (key, event, at) in enumerate(shop.log(events_count), start=1)
    ]
    from_trackers = [record for record in records if record.kind == b"tracker"] * CODEC_TIMES
    owner = Partition(epoch=1, restored=restored)
    owner.definitions = definitions
    return (
        _cpu_s(lambda: _fold(owner, records)) / events_count,
        _cpu_s(lambda: _recode(from_trackers)) / len(from_trackers),
    )


def _fold(owner: Partition, records: list[LogRecord]) -> None:
    at_most = Tuning().max_batch
    while records:
        batch = owner.fold(records[:at_most], now=FAR_FUTURE)
        owner.settled(batch)
        records = records[batch.consumed :]


def _recode(records: list[LogRecord]) -> None:
    for record in records:
        msgspec.json.encode(wire.decode_event(record.value, None).event)


def _cpu_s(work: Callable[[], None]) -> float:
    """CPU time of the process; garbage is collected as in the worker."""
    running.tune_collector()
    began_s = time.process_time()
    work()
    spent_s = time.process_time() - began_s
    gc.unfreeze()
    return spent_s
