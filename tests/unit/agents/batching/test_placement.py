"""No chunk of an input begins anywhere but where the last one ended."""

from collections.abc import Sequence

from faust.types import TP

from agents.batching.chunks import LogRecord
from agents.batching.placement import Placement
from tests.unit.agents.batching.cluster import LogEntry

P0 = TP("events", 0)


def entries(*offsets: int) -> Sequence[LogRecord]:
    return [LogEntry(offset=offset) for offset in offsets]


def placed_at(offset: int) -> Placement:
    placement = Placement()
    placement.restart({P0: offset})
    return placement


def test_what_follows_is_delivered() -> None:
    placement = placed_at(5)

    assert placement.place(P0, entries(5, 6), fetch=1) == entries(5, 6)
    assert placement.place(P0, entries(7), fetch=1) == entries(7)


def test_what_was_delivered_before_is_cut_off() -> None:
    placement = placed_at(5)

    assert placement.place(P0, entries(3, 4, 5, 6), fetch=1) == entries(5, 6)


def test_what_was_delivered_whole_before_is_dropped_without_a_rewind() -> None:
    placement = placed_at(5)

    assert not placement.place(P0, entries(3, 4), fetch=1)
    assert placement.rewind(P0, fetch=1) is None


def test_a_gap_is_fetched_again() -> None:
    placement = placed_at(5)

    assert not placement.place(P0, entries(9, 10), fetch=1)
    assert not placement.place(P0, entries(11), fetch=1)
    assert placement.rewind(P0, fetch=1) == 5

    assert placement.place(P0, entries(5, 6), fetch=2) == entries(5, 6)
    assert placement.rewind(P0, fetch=2) is None


def test_a_gap_that_is_there_again_is_in_the_log() -> None:
    placement = placed_at(5)
    placement.place(P0, entries(9, 10), fetch=1)

    assert placement.place(P0, entries(9, 10), fetch=2) == entries(9, 10)
    assert placement.place(P0, entries(11), fetch=3) == entries(11)


def test_the_next_gap_is_fetched_again_as_well() -> None:
    placement = placed_at(5)
    placement.place(P0, entries(9), fetch=1)
    placement.place(P0, entries(9), fetch=2)

    assert not placement.place(P0, entries(20), fetch=2)
    assert placement.rewind(P0, fetch=2) == 10


def test_changelogs_may_have_holes() -> None:
    placement = placed_at(5)

    assert placement.place(TP("changelog", 0), entries(3, 77), fetch=1) == entries(3, 77)
