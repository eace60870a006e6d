"""How long to wait before a dead part is started again."""

import pytest

from oncue.up import backoff


@pytest.mark.parametrize(
    ("previous_s", "ran_s", "next_s"),
    [
        (0, 1, 0.5),
        (0.5, 1, 1),
        (16, 1, 30),
        (30, 1, 30),
        (30, 59, 30),
        (30, 60, 0.5),
    ],
)
def test_the_delay_doubles_until_the_part_was_well_for_a_minute(
    previous_s: float, ran_s: float, next_s: float
) -> None:
    assert backoff.next_delay_s(previous_s, ran_s=ran_s) == next_s
