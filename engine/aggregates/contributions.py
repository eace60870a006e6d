"""What one event or purchase adds to a metric: the cell that is merged into its tally."""

import hashlib
from decimal import Decimal
from typing import Final

from engine.aggregates import sketches
from engine.aggregates.tallies import TIE_CHARS, VALUE_CHARS, Cell, Measure, Scalar
from engine.conditions import numbers

WHOLE_MAX: Final = 2**63 - 1
"""Of a whole number that is remembered and never summed up: an instant has 13 digits, an id 18."""


def cell(measure: Measure, value: object, *, at: int, event_id: str) -> Cell | None:
    """Make the cell; None where the value is absent, or no number where one is needed.

    Args:
        at: When it occurred, epoch ms; also the value where a metric of instants has no field.
    """
    bucket = measure.bucket(at)
    match measure.aggregate:
        case "count":
            return Cell(bucket)
        case "distinct" | "sketch":
            told = _told_apart(value)
            if told is None:
                return None
            is_sketch = measure.aggregate == "sketch"
            return Cell(bucket, tie=sketches.hashed(told) if is_sketch else hashed(told))
        case "first" | "last":
            told = _scalar(value)
            return None if told is None else Cell(bucket, 1, told, at, event_id[:TIE_CHARS])
        case _:
            exact = numbers.exact(value)
            return None if exact is None else Cell(bucket, 1, f"{exact:f}")


def hashed(value: Scalar) -> str:
    """64 bits of a value or id as text; numbers and text that read alike are one."""
    text = str(value) if not isinstance(value, bool) else f"bool:{value}"
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _told_apart(value: object) -> Scalar | None:
    """As `_scalar`; 12.50 and 12.5 are one number, however the source wrote it."""
    told = _scalar(value)
    if isinstance(value, Decimal | float) and isinstance(told, str):
        return f"{Decimal(told).normalize():f}"
    return told


def _scalar(value: object) -> Scalar | None:
    """What can be remembered; a number with a fraction as exact decimal text."""
    match value:
        case bool():
            return value
        case str():
            return value[:VALUE_CHARS]
        case int():
            return value if abs(value) <= WHOLE_MAX else None
        case Decimal() | float():
            exact = numbers.exact(value)
            return None if exact is None else f"{exact:f}"
        case _:
            return None
