"""Rows of a back-test: as many as there are, few of them in memory."""

from api.backtesting.rows import SpilledRows
from engine import rows
from engine.rows import Timer


def test_what_leaves_memory_comes_back_as_it_was_changed_last() -> None:
    with SpilledRows(decoded_max=2) as kept:
        for number in range(5):
            row = rows.blank(f"u:{number}")
            kept.put(f"u:{number}", row)
            row.timers["t"] = Timer(number, 1)

        found = {key: kept.get(key) for key in kept}
        missing = kept.get("u:9")

    assert sorted(found) == [f"u:{number}" for number in range(5)]
    assert [row.timers["t"].due_at for _, row in sorted(found.items()) if row] == [0, 1, 2, 3, 4]
    assert missing is None
