"""Bounds that hold however deep a value lies, each tried at its edge."""

from decimal import Decimal

import pytest

from engine.errors import RejectedError
from engine.intake import limits, structure


def nested(depth: int) -> dict[str, object]:
    """A message with `depth` objects and arrays within each other, itself the first."""
    value: object = 1
    for level in range(depth - 1):
        value = [value] if level % 2 else {"a": value}
    return {"properties": value}


def keyed(count: int) -> dict[str, object]:
    return {"properties": {str(number): 1 for number in range(count)}}


@pytest.mark.parametrize(
    "message",
    [
        nested(limits.DEPTH_MAX),
        keyed(limits.KEYS_MAX),
        {str(number): 1 for number in range(limits.KEYS_MAX)},
        {"k" * limits.KEY_MAX_BYTES: 1},
        {"ключ" * (limits.KEY_MAX_BYTES // 8): 1},
        {"n": limits.INTEGER_MAX, "m": limits.INTEGER_MIN},
        {"n": Decimal("9.99E+307"), "m": Decimal("-9.99E+307"), "o": Decimal("1E-400")},
        {"properties": {"text": "any \x00\n text \u200b is good"}},
        {"no\u00a0break": True, "n": None},
    ],
)
def test_at_the_bound_a_message_passes(message: dict[str, object]) -> None:
    structure.check(message)


@pytest.mark.parametrize(
    ("message", "code", "path"),
    [
        (nested(limits.DEPTH_MAX + 1), "too_deep", "properties"),
        (keyed(limits.KEYS_MAX + 1), "too_many_keys", "properties"),
        ({str(number): 1 for number in range(limits.KEYS_MAX + 1)}, "too_many_keys", ""),
        ({"k" * (limits.KEY_MAX_BYTES + 1): 1}, "invalid_key", ""),
        ({"traits": [{"к" * (limits.KEY_MAX_BYTES // 2 + 1): 1}]}, "invalid_key", "traits"),
        ({"traits": {"a\x00": 1}}, "invalid_key", "traits"),
        ({"traits": {"a\nb": 1}}, "invalid_key", "traits"),
        ({"a": [limits.INTEGER_MAX + 1]}, "number_out_of_range", "a"),
        ({"a": {"b": limits.INTEGER_MIN - 1}}, "number_out_of_range", "a"),
        ({"a": Decimal("1E+308")}, "number_out_of_range", "a"),
        ({"a": Decimal("-1E+400")}, "number_out_of_range", "a"),
    ],
)
def test_beyond_the_bound_a_message_is_refused(
    message: dict[str, object], code: str, path: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        structure.check(message)

    assert (refusal.value.code, refusal.value.path) == (code, path)
