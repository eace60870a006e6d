"""What a provider made of a message. Matched to the end: each outcome has its own fate."""

from typing import Final, TypeAlias

import msgspec

from engine.sends import Rendered

UNREACHABLE: Final = "unreachable"
"""The provider could not be talked to before it had the message: certainly not sent."""

STALE: Final = "stale"
"""We came too late to use our own reservation: certainly not sent."""

OURS: Final = frozenset({UNREACHABLE, STALE})
"""Temporary failures that say nothing about the message: no provider has seen it."""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The provider has it now."""

    code: str
    kept: Rendered | None = None
    """The message itself, where our ledger is the only place that keeps it."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Certainly not sent."""

    code: str
    """SMTP's reply code, or a word of ours."""
    text: str

    @property
    def is_permanent(self) -> bool:
        """Whether another try would be refused as well."""
        return not is_temporary(self.code)


class InDoubt(msgspec.Struct, frozen=True, kw_only=True):
    """The provider had the whole message, and no answer came: sent or not, nobody knows."""

    text: str


Outcome: TypeAlias = Accepted | Refused | InDoubt


def is_temporary(code: str) -> bool:
    """Tell from the code alone, since that is what the ledger keeps (RFC 5321, 4.2.1: 4yz)."""
    return code in OURS or (len(code) == 3 and code[0] == "4" and code.isdecimal())
