"""Where the quintiles of recency, frequency and money are cut: computed, not written by anybody.

A definition like the others, so that everybody reads the same version of it, and the version says
which customers were compared.
"""

from decimal import Decimal
from typing import Final

import msgspec

from engine.errors import Flaw

ID: Final = "rfm"
"""The one there is."""

CUTS: Final = 4
"""Between five parts."""


class Cuts(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The greatest value of each part but the last, ascending; equal values share a part."""

    recency_days: tuple[int, ...]
    """Whole days since the last receipt, when they were computed."""
    frequency: tuple[int, ...]
    """`receipts_count`."""
    monetary: tuple[Decimal, ...]
    """`receipts_total`, net of returns."""
    customers: int
    """How many were compared: everybody who has a receipt."""


class RfmEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The cuts that go now."""

    revision: int
    cuts: Cuts
    computed_at: int
    """Epoch ms."""


def flaws(cuts: Cuts) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    return [
        Flaw(path=name, message=f"{CUTS} values, ascending")
        for name in ("recency_days", "frequency", "monetary")
        if len(getattr(cuts, name)) != CUTS
        or list(getattr(cuts, name)) != sorted(getattr(cuts, name))
    ]
