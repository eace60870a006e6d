"""How many examples a property is tried with: all of them, or a share where time is short."""

import os
from typing import Final

LEAST: Final = 10
_PERCENT: Final = int(os.environ.get("EXAMPLES_PERCENT", "100"))


def examples(count: int) -> int:
    """The share of `count` that `EXAMPLES_PERCENT` says; ten at least."""
    return max(LEAST, count * _PERCENT // 100)
