"""The steps of rolling windows, as the design has them."""

import pytest

from engine import windows

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.mark.parametrize(
    ("text", "step_ms"),
    [
        ("1m", MINUTE),
        ("60m", MINUTE),
        ("1h", MINUTE),
        ("75m", 15 * MINUTE),
        ("48h", 15 * MINUTE),
        ("2d", 15 * MINUTE),
        ("49h", HOUR),
        ("30d", HOUR),
        ("366d", HOUR),
    ],
)
def test_a_window_moves_by_minutes_quarters_or_hours(text: str, step_ms: int) -> None:
    assert windows.parsed(text).step_ms == step_ms


@pytest.mark.parametrize("text", ["90s", "61m", "100m", "2881m", "0d", "month", "367d", ""])
def test_a_length_that_is_no_whole_number_of_steps_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"whole steps|no duration|longer"):
        windows.parsed(text)


def test_an_instant_leaves_when_as_many_buckets_as_the_window_has_began_after_its_own() -> None:
    window = windows.parsed("3m")
    at = 10 * MINUTE + 59_999

    assert window.bucket(at) > window.last_outside(12 * MINUTE + 59_999)
    assert window.bucket(at) == window.last_outside(13 * MINUTE)
