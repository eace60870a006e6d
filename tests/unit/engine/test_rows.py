"""What keeps an arrival from counting: a timer before its time or replaced, an id seen before."""

from engine import rows
from engine.definitions.folded import Definitions
from engine.events import PageViewed, TimerFired
from engine.rows import Arrival, Row, Timer

NOTHING = Definitions()
MINUTE_MS = 60_000


def arrive(row: Row, event: PageViewed | TimerFired, *, at: int) -> object:
    return rows.advance(row, Arrival(event=event, logged_at=at), NOTHING)


def page(number: int) -> PageViewed:
    return PageViewed(id=f"page-{number}", occurred_at=0)


def fired(*, generation: int) -> TimerFired:
    return TimerFired(id=f"t-{generation}", occurred_at=1_000, timer_id="t", generation=generation)


def waiting() -> Row:
    """A timer of the second generation, due at 1,000."""
    row = rows.blank("u:ada")
    row.timers["t"] = Timer(due_at=1_000, generation=2)
    return row


def test_a_timer_takes_effect_at_its_time() -> None:
    row = waiting()

    assert arrive(row, fired(generation=2), at=1_000) == []
    assert row.timers == {}


def test_a_timer_before_its_time_is_ignored_and_stays() -> None:
    row = waiting()

    assert arrive(row, fired(generation=2), at=999) == "timer"
    assert row.timers == {"t": Timer(due_at=1_000, generation=2)}


def test_a_timer_that_was_replaced_is_ignored() -> None:
    row = waiting()

    assert arrive(row, fired(generation=1), at=1_000) == "timer"
    assert row.timers == {"t": Timer(due_at=1_000, generation=2)}


def test_a_timer_takes_effect_once() -> None:
    row = waiting()
    arrive(row, fired(generation=2), at=1_000)

    assert arrive(row, fired(generation=2), at=1_001) == "timer"


def test_the_customers_time_never_runs_back() -> None:
    row = rows.blank("u:ada")
    arrive(row, page(1), at=2_000)
    arrive(row, page(2), at=1_000)

    assert row.now_at == 2_000


def test_an_id_is_known_for_a_quarter_of_an_hour_however_many_follow() -> None:
    """X28: the same message again changes nothing."""
    row = rows.blank("u:ada")
    for number in range(rows.SEEN_MIN * 3):
        arrive(row, page(number), at=number)

    assert arrive(row, page(0), at=14 * MINUTE_MS) == "duplicate"


def test_the_last_sixty_four_ids_are_known_for_ever() -> None:
    row = rows.blank("u:ada")
    for number in range(rows.SEEN_MIN):
        arrive(row, page(number), at=number)

    assert arrive(row, page(0), at=10**9) == "duplicate"


def test_ids_older_than_both_bounds_are_forgotten() -> None:
    row = rows.blank("u:ada")
    for number in range(rows.SEEN_MIN + 5):
        arrive(row, page(number), at=number)
    arrive(row, page(-1), at=16 * MINUTE_MS)

    assert len(row.seen) == rows.SEEN_MIN


def test_no_more_than_a_whole_batch_of_ids_is_kept() -> None:
    row = rows.blank("u:ada")
    for number in range(rows.SEEN_MAX + 5):
        arrive(row, page(number), at=0)

    assert len(row.seen) == rows.SEEN_MAX
    assert arrive(row, page(5), at=0) == "duplicate"
