"""What may be committed."""

import pytest
from faust.types import TP

from agents.batching.deliveries import Deliveries
from agents.errors import OutOfOrderError

P0 = TP("events", 0)


def handed_over(*first_offsets: int) -> Deliveries:
    deliveries = Deliveries()
    deliveries.restart({P0: 0})
    for first_offset in first_offsets:
        deliveries.hand_over(P0, first_offset)
    return deliveries


def test_nothing_is_committable_before_the_first_chunk_is_done() -> None:
    deliveries = handed_over(0)

    deliveries.begin(P0, 0)

    assert deliveries.committable(P0) is None
    assert deliveries.position(P0) == 0


def test_the_offset_after_the_last_record_is_committable_when_the_chunk_is_done() -> None:
    deliveries = handed_over(0, 100)
    deliveries.begin(P0, 0)

    deliveries.finish(P0, 99)

    assert deliveries.committable(P0) == 100
    assert deliveries.running == {}


def test_a_chunk_whose_predecessor_was_dropped_is_refused() -> None:
    deliveries = handed_over(0, 100)

    with pytest.raises(OutOfOrderError) as caught:
        deliveries.begin(P0, 100)

    assert (caught.value.expected, caught.value.got) == (0, 100)


def test_an_abandoned_chunk_is_not_committable() -> None:
    deliveries = handed_over(0)
    deliveries.begin(P0, 0)

    deliveries.abandon(P0)

    assert deliveries.committable(P0) is None
    assert deliveries.running == {}


def test_a_running_chunk_counts_although_those_waiting_were_dropped() -> None:
    deliveries = handed_over(0, 100)
    deliveries.begin(P0, 0)

    deliveries.forget_waiting()
    deliveries.finish(P0, 99)

    assert deliveries.committable(P0) == 100


def test_a_restart_takes_nothing_over() -> None:
    deliveries = handed_over(0, 100)
    deliveries.begin(P0, 0)
    deliveries.finish(P0, 99)

    deliveries.restart({P0: 40})

    assert deliveries.committable(P0) is None
    assert deliveries.position(P0) == 40
