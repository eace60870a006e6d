"""How long ago something was."""

from typing import Final

DAY_MS: Final = 24 * 60 * 60 * 1000


def days_since(at: int | None, now: int) -> int | None:
    """Whole days of 24 hours, the same in every zone; 0 for what lies ahead."""
    return None if at is None else max(0, (now - at) // DAY_MS)
