"""What becomes of a campaign when it is paused, resumed, stopped or deleted, or fails."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

After: TypeAlias = Literal["live", "paused", "failed", "stopped"]

NEXT: Final[Mapping[tuple[str, str], After]] = {
    ("live", "pause"): "paused",
    ("paused", "resume"): "live",
    ("live", "stop"): "stopped",
    ("paused", "stop"): "stopped",
    ("failed", "stop"): "stopped",
    ("live", "fail"): "failed",
    ("paused", "fail"): "failed",
    ("draft", "delete"): "stopped",
    ("live", "delete"): "stopped",
    ("paused", "delete"): "stopped",
    ("failed", "delete"): "stopped",
    ("stopped", "delete"): "stopped",
}
"""By status and action; what is not here makes no sense."""
