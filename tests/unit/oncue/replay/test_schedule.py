"""The mapped time keeps the order of the file and never runs ahead of the speed."""

from hypothesis import given
from hypothesis import strategies as st

from oncue.replay.schedule import Schedule

INSTANTS = st.integers(0, 4_102_444_800_000)
SPEEDS = st.floats(0.001, 1e9)


@given(st.lists(INSTANTS, min_size=2, max_size=30), SPEEDS)
def test_events_in_order_stay_in_order(instants: list[int], speed: float) -> None:
    ordered = sorted(instants)
    schedule = Schedule(first_at=ordered[0], start_at=1_700_000_000_000, speed=speed)

    moved = [schedule.moved(at) for at in ordered]

    assert moved == sorted(moved)
    assert moved[0] == schedule.start_at


@given(INSTANTS, st.integers(0, 10**10), SPEEDS)
def test_an_event_is_never_later_than_the_speed_says(
    first_at: int, later_ms: int, speed: float
) -> None:
    schedule = Schedule(first_at=first_at, start_at=0, speed=speed)

    assert 0 <= later_ms / speed - schedule.moved(first_at + later_ms) < 1
