from agents.worker.timers import TimerIndex
from engine.rows import Timer
from tables import rows

KEY = b"u:c"


def test_a_timer_that_moves_on_and_on_takes_no_more_room() -> None:
    index = TimerIndex()

    for due_at in range(100_000):
        index.set(KEY, due_at)

    assert index.entries_count < 5_000
    assert [
        due.timer.due_at for due in index.due(10**6, lambda _: {"t": Timer(99_999, 1)}, at_most=10)
    ] == [99_999]


def test_rows_whose_timers_were_cancelled_take_no_room() -> None:
    index = TimerIndex()

    for number in range(100_000):
        index.set(b"u:%d" % number, 10**6 + number)
        index.set(b"u:%d" % number, rows.NEVER)

    assert index.entries_count < 5_000


def test_tidying_up_loses_no_timer() -> None:
    index = TimerIndex()
    timers = {b"u:%d" % number: {"t": Timer(number, 1)} for number in range(3_000)}

    for key, held in timers.items():
        for moved in range(5):
            index.set(key, held["t"].due_at + 5 - moved)
        index.set(key, held["t"].due_at)

    found = index.due(10**6, timers.__getitem__, at_most=10_000)
    assert [due.key for due in found] == list(timers)
