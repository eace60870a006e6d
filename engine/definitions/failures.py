"""Why a campaign was switched off, as its page says it."""

from typing import Final

import msgspec

from engine.errors import FaultCode, Flaw, InvalidDefinitionError


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong; nothing of the customer is in it but the event."""

    version: int
    place: str
    """In that version: `triggers.t`, `steps.s1`, `exit.bought`, `goals.g`."""
    code: FaultCode
    event: str
    at: int
    """Log time, epoch ms."""


def decode(body: bytes) -> Failure:
    """Read it from a change.

    Raises:
        InvalidDefinitionError: it is something else.
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidDefinitionError([Flaw(path="", message=str(error))]) from error


_decode: Final = msgspec.json.Decoder(Failure).decode
