"""How large a rule may be, and why."""

from typing import Final

DEPTH_MAX: Final = 16
"""Nodes below each other, `where` included: nobody reads deeper, and evaluation goes by calls."""

NODES_MAX: Final = 200
"""Of one rule, `where` included: about 0.1 ms to evaluate, and 25 KB of SQL."""

COUNTED_MAX: Final = 20
"""Nodes that count events: each is a tally in the row of every customer who did any of it."""

LISTED_MAX: Final = 256
"""Values of one comparison."""

DISTINCT_MAX: Final = 256
"""What a distinct count can be compared with: rows tell so many values apart."""

STEPS_MAX: Final = 5
"""Of a sequence: more of them in a row nobody means."""

TEXT_CHARS_MAX: Final = 500
"""Of one value, name or path."""

TEXT: Final = f"1 to {TEXT_CHARS_MAX} characters"
"""What `is_text` asks, in words."""

ID_CHARS_MAX: Final = 32
"""Of a node: decisions repeat it."""

LAST_CALENDAR_MAX: Final = {"day": 366, "week": 52, "month": 12}
"""A year, as of rolling windows: rows keep a cell for each day of it."""

ANNIVERSARY_DAYS_MAX: Final = 180
"""Each way from today: further it would be another year's."""


def is_text(text: str) -> bool:
    """Whether a name or value says something, and not too much."""
    return 0 < len(text) <= TEXT_CHARS_MAX
