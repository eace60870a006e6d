"""What a customer holds besides purchases and contacts: bonuses, promo codes, tags, surveys."""

from decimal import Decimal
from typing import Final

import msgspec

EXPIRING_MAX: Final = 50
"""Expiries of bonuses kept one by one; about 20 bytes each. The later ones are kept as one sum."""

PROMO_CODES_MAX: Final = 50
"""The codes issued last; about 120 bytes each."""

TAGS_MAX: Final = 200
"""Tags, also those taken away lately; about 30 bytes each."""

SURVEYS_MAX: Final = 50
"""The surveys completed last; about 80 bytes each."""


class Expiring(msgspec.Struct, frozen=True, array_like=True):
    """Bonuses that will be gone at an instant."""

    at: int
    amount: Decimal


class Loyalty(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The balance as the loyalty programme said it last; read it by `engine.lists.loyalty`."""

    active: Decimal
    pending: Decimal = Decimal(0)
    """Not active yet."""
    expiring: tuple[Expiring, ...] = ()
    """Of the active ones, the soonest first."""
    updated_at: int


class PromoCode(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code issued to the customer."""

    code: str
    issued_at: int
    updated_at: int
    group: str | None = None
    """Of codes: what it is good for."""
    campaign: str | None = None
    """Id of the campaign or mailing that issued it."""
    expires_at: int | None = None
    is_reissued: bool = False
    used_at: int | None = None


class Tag(msgspec.Struct, frozen=True, array_like=True):
    """What was said last of one tag; a tag taken away is remembered, so that late news is late."""

    at: int
    is_assigned: bool


class Survey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A survey that the customer completed."""

    survey_id: str
    completed_at: int
    name: str | None = None
    results_url: str | None = None


INTERESTS_MAX: Final = 50
"""Categories of interest; about 60 bytes each. Ten are shown, the others may come up again."""

BOUGHT_MAX: Final = 100
"""Categories bought in lately, those above them too; about 20 bytes each."""


class Interest(msgspec.Struct, frozen=True, array_like=True):
    """A category that the customer looked at and bought nothing of since."""

    score: float
    """As of `last_at`; read it by `engine.interests`."""
    first_at: int
    last_at: int
    views_count: int
