"""One receipt, return or order as the ledger remembers it, and which of two versions stands.

Versions of one id come in any order and any number of times, so joining them is commutative,
associative and idempotent: content and status each go by the source's own time.
"""

import hashlib
from decimal import Decimal
from typing import Final

import msgspec

ID_BYTES: Final = 8
"""64 bits: two of one customer's 3,000 collide once in 10^12 customers."""

RETURN: Final = 1
"""Gives back; the total is negative."""
TRACKED: Final = 2
"""Only a tracker told of it; the back office's word replaces it."""
WHOLE: Final = 4
"""Gives back all that its purchase has, whatever that is."""
NAMED: Final = 8
"""Only its status is known so far: what it holds is yet to come."""

ACTIVE: Final = 0
RETURNED: Final = 1
CANCELLED: Final = 2

_STATES: Final = {
    "returned": RETURNED,
    "refunded": RETURNED,
    "cancelled": CANCELLED,
    "canceled": CANCELLED,
    "voided": CANCELLED,
    "void": CANCELLED,
}

NEVER: Final = -1
"""Stands for the time of a status that nobody gave."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What the sums need of it; 61 bytes in a row (`engine.ledger.packed`)."""

    id: bytes
    updated_at: int
    """Source time of the content; of a tracker's, when the event occurred."""
    occurred_at: int
    total: Decimal
    units: int | None
    """Pieces, negative on a return; None: it has no lines."""
    currency: str
    """Empty: not said, so the customer's own."""
    flags: int
    link: bytes
    """Id of what it takes back; empty on a purchase, and on a return of nobody knows what."""
    state: int
    status_at: int
    """Source time of the status; later says more."""
    store: bytes
    """Hash of the store's id; empty: none."""

    @property
    def is_return(self) -> bool:
        """Whether it gives back."""
        return bool(self.flags & RETURN)

    @property
    def is_tracked(self) -> bool:
        """Whether only a tracker told of it."""
        return bool(self.flags & TRACKED)

    @property
    def is_whole(self) -> bool:
        """Whether it gives back the whole purchase."""
        return bool(self.flags & WHOLE)

    @property
    def is_named(self) -> bool:
        """Whether nothing but its status is known."""
        return bool(self.flags & NAMED)

    @property
    def is_cancelled(self) -> bool:
        """Whether it came to nothing."""
        return self.state == CANCELLED


def id_of(source_id: str) -> bytes:
    """What stands for the id of a receipt or an order."""
    return hashlib.blake2b(source_id.encode(), digest_size=ID_BYTES).digest()


def refund_id(event_id: str) -> bytes:
    """What stands for a refund that only its event tells apart; no order's id collides with it."""
    return hashlib.blake2b(event_id.encode(), digest_size=ID_BYTES, person=b"refund").digest()


def state_of(status: str | None) -> int:
    """What a status means for the sums; any other word means nothing to them."""
    return _STATES.get((status or "").strip().lower(), ACTIVE)


def joined(one: Entry, other: Entry) -> Entry:
    """What two versions of one id come to, in whichever order they came."""
    content = max(one, other, key=_content_order)
    status = max(one, other, key=_status_order)
    occurred_at = content.occurred_at
    if content.is_tracked and one.is_tracked and other.is_tracked:
        # A later event of a tracker updates the order; the order was placed at the first.
        occurred_at = min(one.occurred_at, other.occurred_at)
    return msgspec.structs.replace(
        content, occurred_at=occurred_at, state=status.state, status_at=status.status_at
    )


def is_later(one: Entry, other: Entry) -> bool:
    """Whether the content of `one` stands where both are known."""
    return _content_order(one) > _content_order(other)


def _content_order(entry: Entry) -> tuple[object, ...]:
    """Equal source times are the source's mistake: the greater content stands, wherever it came."""
    told = 0 if entry.is_named else 1 if entry.is_tracked else 2
    dated = 0 if entry.is_tracked else entry.occurred_at
    units = -1 if entry.units is None else entry.units
    return (
        told, entry.updated_at, entry.total, units, entry.currency, entry.link, entry.flags,
        entry.store, dated,
    )  # fmt: skip


def _status_order(entry: Entry) -> tuple[int, int]:
    return entry.status_at, entry.state
