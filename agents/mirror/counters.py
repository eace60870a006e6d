"""Metrics of the shop's own in ClickHouse: what rows counted, and what is defined.

A value that rolls with time is worked out at the question, so ClickHouse has the cells of the
tallies and the windows, and its view `customer_metrics` sums up what is inside now.
"""

from collections.abc import Mapping
from typing import Final

from agents.sink.patience import patiently
from clickhouse.client import Writer
from clickhouse.tables import MetricRow, TallyCell, within_bounds
from engine import windows
from engine.aggregates.tallies import Scalar, Tally
from engine.definitions.counters import Counter, MetricEntry
from engine.definitions.metrics import DEMANDED
from streams.definitions import DefinitionsLog
from streams.following import NotFoldedError

LOOK_EVERY_MS: Final = 5_000


def cells(tallies: Mapping[str, Tally]) -> list[TallyCell]:
    """Every cell of a row, with whose it is; without purchases that were taken back, and rules'."""
    return [
        (metric, tally.version, cell.bucket, cell.count, text(cell.value), cell.at, cell.tie)
        for metric, tally in tallies.items()
        if not metric.startswith(DEMANDED)
        for cell in tally.cells
        if cell.count
    ]


def text(value: Scalar | None) -> str:
    """As the view gives it; nothing of a cell that only counts."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def row_of(metric_id: str, entry: MetricEntry) -> MetricRow:
    """How the cells of a metric are summed up."""
    counter = Counter(entry)
    window = None if entry.latest.window is None else windows.parsed(entry.latest.window)
    return MetricRow(
        id=metric_id,
        revision=entry.revision,
        version=entry.counted_version,
        since=within_bounds(entry.since),
        name=entry.latest.name,
        aggregate=counter.measure.aggregate,
        length_ms=0 if window is None else window.length_ms,
        step_ms=0 if window is None else window.step_ms,
        is_instant=counter.is_instant,
        is_deleted=entry.deleted,
    )


class Defined:
    """Writes what is defined, once at the start and at each change; again is harmless."""

    def __init__(self, *, log: DefinitionsLog, writer: Writer) -> None:
        self._log = log
        self._writer = writer
        self._written: Mapping[str, MetricEntry] = {}

    async def run(self) -> None:
        """Follow the definitions until cancelled."""
        while True:
            known = self._log.current
            await self._write(known.metrics)
            try:
                await self._log.folded_to(known.offset + 1, timeout_ms=LOOK_EVERY_MS)
            except NotFoldedError:
                continue

    async def _write(self, entries: Mapping[str, MetricEntry]) -> None:
        changed = [
            row_of(name, entry)
            for name, entry in entries.items()
            if self._written.get(name) is not entry
        ]
        if changed:
            await patiently(lambda: self._writer.insert(changed), what="clickhouse")
        self._written = entries
