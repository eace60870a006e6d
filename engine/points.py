"""The ledger of points: what campaigns and operators gave and took, and what is left of it.

    +100 until May ──▶ [100 of 100]                   taken: of what expires first
    +50            ──▶ [100 of 100] [50 of 50]        expired: by the clock, no entry
    -120           ──▶ [0 of 100] [30 of 50] [-120]   the balance: what is left, 30

The balance is never below zero: who takes more than there is takes nothing. An id is entered once.
"""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

import msgspec

from engine.baseevent import BaseEvent

ENTRIES_MAX: Final = 50
"""Entries kept: about 150 bytes each, at most 900. Used up ones leave first, the oldest of them;
where everything is unspent, the two that expire last become one."""

AMOUNT_MAX: Final = 1_000_000_000

REASON_MAX_CHARS: Final = 100

PointsOrigin: TypeAlias = Literal["campaign", "operator"]


class PointsEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Points given, or taken."""

    id: str
    at: int
    """Epoch ms."""
    amount: int
    """Below zero: taken."""
    left: int = 0
    """Of points given: what nobody took and what has not expired, as of the last entry."""
    expires_at: int | None = None
    reason: str = ""
    """For people."""
    origin: PointsOrigin
    campaign: str = ""
    run: str = ""
    """With the campaign: whose points an unmerge says they are."""


class PointsChanged(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="points_changed"):
    """Points given by hand, or taken below zero; entered once by its id."""

    amount: int
    reason: str = ""
    expires_at: int | None = None
    origin: Literal["operator"] = "operator"


Points: TypeAlias = tuple[PointsEntry, ...]
"""In the order in which they were entered."""


def balance(points: Points, *, now: int) -> int:
    """What can be taken."""
    return sum(one.left for one in points if not _is_over(one, now))


def enter(points: Points, entry: PointsEntry, *, now: int) -> Points | None:
    """Enter it; None where it is in already, or takes more than there is."""
    if any(one.id == entry.id for one in points) or balance(points, now=now) + entry.amount < 0:
        return None
    settled = [_with_left(one, 0) if _is_over(one, now) else one for one in points]
    kept = _taken(settled, -entry.amount) if entry.amount < 0 else settled
    return bounded([*kept, _with_left(entry, max(0, entry.amount))])


def expired(points: Points, *, now: int) -> list[PointsEntry]:
    """What is over of what stood at the last entry, the first to expire first."""
    return sorted((one for one in points if one.left and _is_over(one, now)), key=_expiry)


def next_expiry(points: Points, *, now: int) -> PointsEntry | None:
    """What expires first of what can be taken; None: nothing does."""
    ahead = [one for one in points if one.left and one.expires_at is not None]
    return min((one for one in ahead if not _is_over(one, now)), key=_expiry, default=None)


def merged(survivor: Points, joined: Points) -> Points:
    """Of two who are one person: everything either was given, and nothing twice."""
    both = {one.id: one for one in (*joined, *survivor)}
    entries = sorted(both.values(), key=lambda one: (one.at, one.id))
    now = entries[-1].at if entries else 0
    return bounded(_with_left(one, 0) if _is_over(one, now) else one for one in entries)


def bounded(entries: Iterable[PointsEntry]) -> Points:
    """No more than `ENTRIES_MAX`, and the same balance."""
    kept = list(entries)
    while len(kept) > ENTRIES_MAX:
        used = next((one for one in kept[:-1] if not one.left), None)
        if used is not None:
            kept.remove(used)
            continue
        first, last = sorted((one for one in kept if one.left), key=_expiry)[-2:]
        # Nobody loses points by it: what expires sooner lasts as long as the other.
        kept[kept.index(last)] = msgspec.structs.replace(
            last, amount=first.amount + last.amount, left=first.left + last.left, run=""
        )
        kept.remove(first)
    return tuple(kept)


def _taken(entries: list[PointsEntry], amount: int) -> list[PointsEntry]:
    left = {one.id: one.left for one in entries}
    for one in sorted(entries, key=_expiry):
        part = min(amount, one.left)
        left[one.id] -= part
        amount -= part
    return [_with_left(one, left[one.id]) for one in entries]


def _with_left(entry: PointsEntry, left: int) -> PointsEntry:
    return entry if entry.left == left else msgspec.structs.replace(entry, left=left)


def _is_over(entry: PointsEntry, now: int) -> bool:
    return entry.expires_at is not None and entry.expires_at <= now


def _expiry(entry: PointsEntry) -> tuple[float, int, str]:
    """Soonest first, of one instant the oldest; what never expires stands last."""
    at = float("inf") if entry.expires_at is None else entry.expires_at
    return at, entry.at, entry.id
