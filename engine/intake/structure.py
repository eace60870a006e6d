"""The bounds every value of a message keeps, however deep it lies."""

import re
from decimal import Decimal
from typing import Final

from engine.errors import RejectedError
from engine.intake import limits

CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and lone surrogates: in a name or an id they are damage, or an attack."""

_CHARS_SURELY_SHORT: Final = limits.KEY_MAX_BYTES // 4
"""UTF-8 takes four bytes for a character at most."""


def check(message: dict[str, object]) -> None:
    """Refuse what is too deep, has too many or too long keys, or numbers beyond all bounds.

    Raises:
        RejectedError: `too_deep`, `too_many_keys`, `invalid_key`, `number_out_of_range`; its
            path is the field of the message it was found in.
    """
    _check_keys(message, "")
    for name, value in message.items():
        # Most values are text, and any text is good.
        if type(value) is not str:
            _check(value, name, 2)


def _check(value: object, path: str, depth: int) -> None:
    if isinstance(value, dict):
        _check_depth(depth, path)
        _check_keys(value, path)
        for inner in value.values():
            if type(inner) is not str:
                _check(inner, path, depth + 1)
    elif isinstance(value, list):
        _check_depth(depth, path)
        for inner in value:
            if type(inner) is not str:
                _check(inner, path, depth + 1)
    elif not _is_in_range(value):
        raise RejectedError("number_out_of_range", "a number no reader can hold", path=path)


def _check_depth(depth: int, path: str) -> None:
    if depth > limits.DEPTH_MAX:
        raise RejectedError(
            "too_deep", f"objects and arrays nest at most {limits.DEPTH_MAX} deep", path=path
        )


def _is_in_range(value: object) -> bool:
    if isinstance(value, int):
        return limits.INTEGER_MIN <= value <= limits.INTEGER_MAX
    return not isinstance(value, Decimal) or value.adjusted() <= limits.EXPONENT_MAX


def _check_keys(keyed: dict[str, object], path: str) -> None:
    if len(keyed) > limits.KEYS_MAX:
        raise RejectedError(
            "too_many_keys",
            f"{len(keyed)} keys; an object has at most {limits.KEYS_MAX}",
            path=path,
        )
    for key in keyed:
        if len(key) > _CHARS_SURELY_SHORT or not key.isprintable():
            _check_key(key, path)


def _check_key(key: str, path: str) -> None:
    if len(key.encode()) > limits.KEY_MAX_BYTES:
        raise RejectedError(
            "invalid_key",
            f"the key {key[:40]!r}... is longer than {limits.KEY_MAX_BYTES} bytes",
            path=path,
        )
    if CONTROL.search(key):
        raise RejectedError("invalid_key", f"the key {key!r} has a control character", path=path)
