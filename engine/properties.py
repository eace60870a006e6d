"""What a tracker's call says in its properties, as far as it can be read."""

from typing import Final, TypeVar

import msgspec

from engine.events import Tracked

TEXT_MAX_CHARS: Final = 200
"""Of one text that the row keeps; the rest is cut off."""

_Said = TypeVar("_Said")


def read(event: Tracked, decoder: "msgspec.json.Decoder[_Said]") -> _Said | None:
    """Decode them; none where they are no object: no door lets that in, another writer might."""
    try:
        return decoder.decode(event.properties)
    except msgspec.ValidationError:
        return None


def text(*candidates: object) -> str | None:
    """Take the first that is a text with something in it, or a whole number."""
    for value in candidates:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value[:TEXT_MAX_CHARS]
    return None
