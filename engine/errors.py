"""What can be wrong with an input; `code` is stable, the message is for people.

EngineError
├── RejectedError            one message or request is refused: 4xx, or a dead letter
├── InvalidDefinitionError   a campaign or template is refused at save, with every place
└── FaultError               a campaign cannot be worked out at run time: it is switched off
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

FaultCode: TypeAlias = Literal[
    "not_computable", "bad_value", "bad_type", "missing", "too_deep", "refused", "not_fillable"
]
"""What went wrong in a campaign; in words: `engine.faults`."""


class Flaw(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong, and where: `steps.s1.template`."""

    path: str
    message: str
    node: str | None = None
    """Id of the node of a rule."""


class EngineError(Exception):
    """Base of every error the engine raises on purpose."""

    code: str


class RejectedError(EngineError):
    """Bad input; nothing else is lost by refusing it."""

    def __init__(self, code: str, message: str, *, path: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.path = path


class FaultError(EngineError):
    """Ends what one campaign makes of an event; caught where that begins."""

    def __init__(self, code: FaultCode, *, place: str) -> None:
        super().__init__(f"{place}: {code}")
        self.code: FaultCode = code
        self.place = place


class InvalidDefinitionError(EngineError):
    """Refused at save, never at run time."""

    code = "invalid_definition"

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("; ".join(f"{flaw.path}: {flaw.message}" for flaw in flaws))
        self.flaws = tuple(flaws)
