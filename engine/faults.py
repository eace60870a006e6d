"""A campaign that could not be worked out at run time: who says so, and who hears it.

    customer's row ──┐
    delivery ────────┴─CampaignFailed──▶ the campaign's row of `shared` ──▶ definitions: fail

Everybody who meets the fault says so; the one row tells the log of definitions once for each
revision. Nothing of a customer is in it but the event: that log is kept for ever.
"""

from collections.abc import Sequence
from typing import Final

from engine.baseevent import BaseEvent
from engine.errors import FaultCode, FaultError, RejectedError

SENTENCES: Final[dict[FaultCode, str]] = {
    "not_computable": "a number could not be computed: too large, too small, or none at all",
    "bad_value": "a value has not the form that it must have here",
    "bad_type": "values do not go together: a text with a number, or something that is nothing",
    "missing": "something that it names is not there",
    "too_deep": "it is nested too deeply",
    "refused": "what it led to is more than a customer may hold",
    "not_fillable": "its template could not be filled for so many customers, one after the other",
}
"""For people: what went wrong, without anything of the customer's."""


_CODES: Final[Sequence[tuple[type[Exception], FaultCode]]] = (
    (ArithmeticError, "not_computable"),
    (LookupError, "missing"),
    (ValueError, "bad_value"),
    (RecursionError, "too_deep"),
    (RejectedError, "refused"),
    (AttributeError, "bad_type"),
    (TypeError, "bad_type"),
)

FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    FaultError,
    LookupError,
    RecursionError,
    RejectedError,
    TypeError,
    ValueError,
)
"""What a definition does that passed every check and met values nobody thought of. A broken
promise of ours (AssertionError) and a machine at its end (MemoryError) still end the worker."""


class CampaignFailed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="failed"):
    """A version of a campaign cannot go on."""

    campaign: str
    version: int
    revision: int
    """Of the campaign when it failed: what came after it is another campaign."""
    place: str
    """In the campaign: `triggers.t`, `steps.s1`, `exit.bought`, `goals.g`."""
    code: FaultCode
    event: str
    """Id of the event that led there, or of the message that was to be filled."""


def fault(error: Exception, *, place: str) -> FaultError:
    """What an error means; the innermost place stays."""
    if isinstance(error, FaultError):
        return error
    return FaultError(next(code for kind, code in _CODES if isinstance(error, kind)), place=place)


def counter(campaign_id: str) -> str:
    """Key of the row that hears it."""
    return f"campaign:{campaign_id}:health"
