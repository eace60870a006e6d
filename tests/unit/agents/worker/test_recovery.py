"""Promise 3: rows that are ahead of the log were made from another log."""

import pytest

from agents.errors import TopicMadeAnewError
from agents.worker.recovery import Recovery
from engine import rows as engine_rows
from tables import rows


def restored(*, offset: int) -> Recovery:
    recovery = Recovery()
    row = engine_rows.blank("u:c")
    recovery.read([(b"u:c", rows.encode(row, epoch=1, version=1, offset=offset))])
    return recovery


def test_a_log_that_ends_right_behind_the_rows_is_theirs() -> None:
    restored(offset=6).require_reachable(end=7, topic="events", partition=0)


def test_a_log_that_does_not_reach_the_rows_stops_the_worker() -> None:
    with pytest.raises(TopicMadeAnewError, match=r"events/2 ends at 7, .* made at 7"):
        restored(offset=7).require_reachable(end=7, topic="events", partition=2)


def test_without_rows_an_empty_log_will_do() -> None:
    Recovery().require_reachable(end=0, topic="events", partition=0)
