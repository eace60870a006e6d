"""What becomes true: T37 of a segment, T38 of the RFM cell, T39 of a metric's threshold.

None of them goes by events: `engine.segments` judges, whatever turned the verdict, and says why. So
each fires on the edge and not on the level, and time alone is enough.
"""

from collections.abc import Iterator
from typing import Final

from engine import durations
from engine.conditions.evaluation import Document
from engine.definitions.triggers.crossings import (
    CellChanged,
    MetricCrossed,
    SegmentCrossed,
    SegmentParams,
)
from engine.segments.crossings import Crossing
from engine.triggers.machines import Arm, Crossed, Disarm, Fire, Machine, Outcome, Rung


def _segment(crossed: Crossed[SegmentCrossed]) -> Iterator[Outcome]:
    """T37: with a dwell, turning back before it is over fires nothing."""
    params, crossing = crossed.trigger.params, crossed.crossing
    dwell_ms = 0 if params.min_dwell is None else durations.parse_ms(params.min_dwell)
    if crossing.is_in != (params.direction == "entered"):
        if dwell_ms:
            yield Disarm()
        return
    if not _counts(params, crossing):
        return
    if not dwell_ms:
        yield Fire()
        return
    since = crossing.at if crossing.cause == "time" else crossed.now
    yield Arm(since + dwell_ms)


def _counts(params: SegmentParams, crossing: Crossing) -> bool:
    match crossing.cause:
        case "definition":
            return params.on_activate == "include"
        case "population":
            return not params.exclude_population
        case _:
            return True


def _dwelt(rung: Rung[SegmentCrossed]) -> Document | None:
    params = rung.trigger.params
    is_in = params.segment in rung.customer.segments.inside
    if is_in != (params.direction == "entered"):
        return None
    return {"segment": params.segment, "direction": params.direction}


def _cell(crossed: Crossed[CellChanged]) -> Iterator[Outcome]:
    """T38: whom other people's purchases moved is told, and may be left out."""
    params, crossing = crossed.trigger.params, crossed.crossing
    if crossing.cause == "population" and params.exclude_population:
        return
    was, now = params.told(crossing.before), params.told(crossing.after)
    is_wanted = (not params.before or was in params.before) and (
        not params.after or now in params.after
    )
    if was != now and is_wanted:
        yield Fire()


def _threshold(crossed: Crossed[MetricCrossed]) -> Iterator[Outcome]:
    """T39: where the campaign finds somebody when it begins is no crossing."""
    params, crossing = crossed.trigger.params, crossed.crossing
    if not crossing.is_in or crossing.cause == "definition":
        return
    fired_at = crossed.customer.segments.fired.get(crossing.watch)
    if fired_at is not None and params.once_per == "ever":
        return
    if fired_at is not None and crossed.now - fired_at < params.period_ms:
        return
    yield Fire()


SEGMENT: Final = Machine(crosses=_segment, rings=_dwelt)
CELL: Final = Machine(crosses=_cell)
THRESHOLD: Final = Machine(crosses=_threshold)
