"""What may happen next to a message, decided from the ledger alone."""

from typing import Literal, TypeAlias

import msgspec


class Reserve(msgspec.Struct, frozen=True, kw_only=True):
    """Append a reservation; whose is the first in the log has the attempt."""

    attempt: int


class Dispatch(msgspec.Struct, frozen=True, kw_only=True):
    """The attempt is ours: send now, then append what became of it."""

    attempt: int


class Close(msgspec.Struct, frozen=True, kw_only=True):
    """Append this end of an attempt that nothing was sent for, as far as we know."""

    attempt: int
    state: Literal["failed", "in_doubt", "expired"]
    code: str
    reason: str


class Wait(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing may happen before this instant (epoch ms); other messages go on."""

    until: int


class Recheck(msgspec.Struct, frozen=True, kw_only=True):
    """Held too long: the worker admits it anew, or not."""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome the worker is to hear of."""

    state: Literal["accepted", "failed", "in_doubt", "expired"]
    at: int
    code: str | None = None
    reason: str | None = None


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing is left to send; the responses are appended, again if need be."""

    outcomes: tuple[Ended, ...]


Decision: TypeAlias = Reserve | Dispatch | Close | Wait | Recheck | Finished
