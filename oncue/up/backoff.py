"""How long to wait before a part that died is started again."""

from typing import Final

FIRST_S: Final = 0.5
LONGEST_S: Final = 30.0
HEALTHY_S: Final = 60.0
"""A part that ran for this long is well: its next death counts as the first."""


def next_delay_s(previous_s: float, *, ran_s: float) -> float:
    """Double the delay; `previous_s` is 0 before the first death."""
    if previous_s == 0 or ran_s >= HEALTHY_S:
        return FIRST_S
    return min(previous_s * 2, LONGEST_S)
