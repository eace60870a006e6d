"""A control group over every campaign of a policy: to compare all of it with nothing at all."""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec

from engine.errors import Flaw

CONTROL_MAX: Final = 5_000
"""Half of everybody."""

MONTHS_MAX: Final = 60
EXEMPT_MAX: Final = 20
SALT_MAX_CHARS: Final = 100


class Control(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Decided at the entry into each campaign; whoever is in goes the whole way in the shadow."""

    basis_points: int
    """Of 10,000."""
    salt: str = "global"
    """Policies with one salt hold out the same customers."""
    months: int | None = None
    """So many calendar months of the company's make a period, and each deals anew; null: for
    ever the same."""
    by: Literal["customer", "address"] = "customer"
    """What is dealt: with `address` the profiles that share an inbox are in the group together."""
    exempt: tuple[str, ...] = ()
    """Categories of campaigns that everybody gets."""


def flaws(control: Control, *, path: str) -> Iterator[Flaw]:
    """Everything wrong that the types alone do not say."""
    if not 1 <= control.basis_points <= CONTROL_MAX:
        yield Flaw(path=f"{path}.basis_points", message=f"from 1 to {CONTROL_MAX}")
    if not 1 <= len(control.salt) <= SALT_MAX_CHARS:
        yield Flaw(path=f"{path}.salt", message=f"1 to {SALT_MAX_CHARS} characters")
    if control.months is not None and not 1 <= control.months <= MONTHS_MAX:
        yield Flaw(path=f"{path}.months", message=f"from 1 to {MONTHS_MAX}")
    if len(control.exempt) > EXEMPT_MAX or len(set(control.exempt)) != len(control.exempt):
        yield Flaw(path=f"{path}.exempt", message=f"at most {EXEMPT_MAX}, each once")
