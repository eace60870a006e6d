"""The demo's campaigns wait as much shorter as the morning is faster."""

import pytest

from oncue.demo import publishing


@pytest.mark.parametrize(
    ("duration", "speed", "shorter"),
    [
        ("30m", 1, "1800s"),
        ("30m", 240, "8s"),
        ("2h", 240, "30s"),
        ("2h", 60, "120s"),
        ("30m", 5_000, "1s"),
    ],
)
def test_a_duration_is_divided_by_the_speed_and_never_below_a_second(
    duration: str, speed: float, shorter: str
) -> None:
    assert publishing.shortened(duration, speed=speed) == shorter
