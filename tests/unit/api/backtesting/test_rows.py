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


def test_keys_come_once_and_in_order_though_rows_leave_memory_meanwhile() -> None:
    with SpilledRows(decoded_max=3) as kept:
        for number in (3, 0, 5, 1, 4, 2):
            kept.put(f"u:{number}", rows.blank(f"u:{number}"))

        found = []
        for key in kept.ordered(after="u:0"):
            kept.get(key)
            kept.get("u:0")
            found.append(key)

    assert found == ["u:1", "u:2", "u:3", "u:4", "u:5"]
