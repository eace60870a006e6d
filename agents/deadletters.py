"""What an agent refuses, as a record of `dead-letters`."""

from typing import Final

import msgspec

from engine import ids
from engine.deadletters import DeadLetter
from engine.errors import RejectedError
from streams import topics
from streams.records import Record

PAYLOAD_MAX_BYTES: Final = 32 * 1024
"""Kept of a payload: the longest message there is; of a longer one the beginning tells enough."""


def refused(
    place: str,
    error: RejectedError,
    *,
    key: bytes | None,
    payload: bytes,
    source: str,
    at: int,
) -> Record:
    """Wrap what was refused; the same record refused at the same place has the same id."""
    letter = DeadLetter(
        id=ids.derived(place, source),
        place=place,
        code=error.code,
        message=str(error),
        path=error.path,
        payload=payload[:PAYLOAD_MAX_BYTES],
        source=source,
        at=at,
    )
    return Record(topic=topics.DEAD_LETTERS.name, key=key, value=msgspec.json.encode(letter))
