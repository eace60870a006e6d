"""Whose past is filled in, or is being: for whoever counts once more what rows have counted."""

from collections.abc import Iterator

import msgspec

from engine.definitions import counters
from engine.definitions.counters import MetricEntry
from engine.definitions.folded import Definitions


def warming(definitions: Definitions) -> dict[str, MetricEntry]:
    """Metrics and demands whose past is not filled in yet."""
    return {name: entry for name, entry in _backfilled(definitions) if entry.is_warming}


def is_known_by(definitions: Definitions, *, offset: int) -> bool:
    """Whether who counts as of an offset of the definitions counts all the pasts there are."""
    return not any(
        entry.is_warming or entry.offset > offset for _, entry in _backfilled(definitions)
    )


def counted_ever(then: Definitions, newest: Definitions) -> Definitions:
    """The definitions of that time, but what is filled in by now is counted then, too."""
    filled = dict(_backfilled(newest))
    if not filled:
        return then
    indexed = counters.indexed({**then.metrics, **filled}, then.demands)
    return msgspec.structs.replace(then, counters=indexed)


def _backfilled(definitions: Definitions) -> Iterator[tuple[str, MetricEntry]]:
    for name, entry in {**definitions.demands, **definitions.metrics}.items():
        if entry.is_backfilled and not entry.deleted:
            yield name, entry
