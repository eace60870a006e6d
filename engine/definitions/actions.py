"""Steps that do something elsewhere: start another campaign."""

from collections.abc import Iterator
from typing import Final

import msgspec

from engine.definitions.basestep import BaseStep
from engine.errors import Flaw

PAYLOAD_MAX: Final = 20
"""Fields that one campaign hands to another."""

VALUE_CHARS_MAX: Final = 200


class StartStep(BaseStep, frozen=True, kw_only=True, omit_defaults=True, tag="start_campaign"):
    """Start another campaign, which has a trigger of type T48 for it; this one goes on."""

    campaign: str
    payload: dict[str, str | int | float | bool] = msgspec.field(default_factory=dict)
    """What the other campaign reads as `event.payload`. A text that begins with `event.`, `entry.`
    or `now.` is read there."""


def flaws(step: StartStep, *, path: str) -> Iterator[Flaw]:
    """What is wrong with it alone; whether the other campaign is there: `chains`."""
    if not step.campaign.strip():
        yield Flaw(path=f"{path}.campaign", message="the id of another campaign")
    if len(step.payload) > PAYLOAD_MAX:
        yield Flaw(path=f"{path}.payload", message=f"at most {PAYLOAD_MAX} fields")
    for name, value in step.payload.items():
        if len(name) > VALUE_CHARS_MAX or (isinstance(value, str) and len(value) > VALUE_CHARS_MAX):
            message = f"at most {VALUE_CHARS_MAX} characters"
            yield Flaw(path=f"{path}.payload.{name}", message=message)
