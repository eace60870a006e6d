"""Chance that can be repeated: who is in which part is a stable hash of (salt, customer).

    share 0 ───────────────────── 5,000 ───────────── 10,000
          [ arm a               )[ arm b              )
          [ a                       )[ b              )    a has 60 now: only this slice ▲ moved

Two salts deal independently of each other. `clickhouse.chance` computes the same share in SQL.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from engine.errors import Flaw

SHARES: Final = 10_000
"""Shares are basis points: hundredths of a percent."""

ARMS_MAX: Final = 20

WEIGHT_MAX: Final = 10_000

NAME_MAX_CHARS: Final = 100


class Slice(msgspec.Struct, frozen=True, array_like=True):
    """The shares from `start`, inclusive, to `end`, exclusive, belong to one arm."""

    arm: str
    start: int
    end: int


def share(salt: str, customer_id: str) -> int:
    """Give the customer's place among all, from 0 to 9,999; 2.5 us.

    SHA-256 since ClickHouse, as embedded, has it and Python's library has it: no other good hash is
    in both. The salt's length stands before it, so that ("a", "bc") and ("ab", "c") differ.
    """
    digest = hashlib.sha256(f"{prefix(salt)}{customer_id}".encode()).digest()
    return int.from_bytes(digest[:8], "little") % SHARES


def prefix(salt: str) -> str:
    """What is hashed before the customer's id."""
    return f"{len(salt.encode())}:{salt}"


def is_within(salt: str, customer_id: str, *, first: int, end: int) -> bool:
    """Whether the share lies from `first`, inclusive, to `end`, exclusive: a sample of everybody.

    A holdout is the sample from 0: when it grows, whoever was held out still is.
    """
    return first <= share(salt, customer_id) < end


def allotted(weights: Mapping[str, int], *, before: Sequence[Slice] = ()) -> tuple[Slice, ...]:
    """Deal all shares to the arms by weight, moving as few as can be from how they were dealt.

    An arm that does not lose weight loses nobody; one that does loses the end of its slices.
    `before` is what the same function gave for the weights until now. Ties of rounding go to the
    arm that is listed first.
    """
    lacking = _points(weights)
    kept, free = [], []
    for slice_ in before or (Slice("", 0, SHARES),):
        taken = min(lacking.get(slice_.arm, 0), slice_.end - slice_.start)
        middle = slice_.start + taken
        if taken:
            lacking[slice_.arm] -= taken
            kept.append(Slice(slice_.arm, slice_.start, middle))
        if middle < slice_.end:
            free.append((middle, slice_.end))
    return _joined([*kept, *_dealt(free, lacking)])


def arm_of(slices: Sequence[Slice], share: int) -> str:
    """The arm whose slice has the share.

    Raises:
        ValueError: the slices leave it out.
    """
    for slice_ in slices:
        if slice_.start <= share < slice_.end:
            return slice_.arm
    raise ValueError(f"no arm has the share {share}")


def flaws(weights: Mapping[str, int], *, path: str) -> list[Flaw]:
    """Everything wrong with the arms and weights of a split."""
    if not 1 <= len(weights) <= ARMS_MAX:
        return [Flaw(path=path, message=f"from 1 to {ARMS_MAX} arms")]
    found = []
    for arm, weight in weights.items():
        if not 0 <= weight <= WEIGHT_MAX:
            message = f"a whole number from 0 to {WEIGHT_MAX}"
            found.append(Flaw(path=f"{path}.{arm}", message=message))
        if not arm or len(arm) > NAME_MAX_CHARS:
            found.append(Flaw(path=path, message=f"an arm has 1 to {NAME_MAX_CHARS} characters"))
    return found or list(_sum_flaws(weights, path))


def _sum_flaws(weights: Mapping[str, int], path: str) -> Iterator[Flaw]:
    if not sum(weights.values()):
        yield Flaw(path=path, message="one arm at least needs a weight above 0")
        return
    for arm, points in _points(weights).items():
        if weights[arm] and not points:
            yield Flaw(path=f"{path}.{arm}", message=f"less than one customer in {SHARES}")


def _points(weights: Mapping[str, int]) -> dict[str, int]:
    """Basis points by the largest remainder."""
    total = sum(weights.values())
    points = {arm: SHARES * weight // total for arm, weight in weights.items()}
    remainders = sorted(weights, key=lambda arm: -(SHARES * weights[arm] % total))
    for arm in remainders[: SHARES - sum(points.values())]:
        points[arm] += 1
    return points


def _dealt(free: Sequence[tuple[int, int]], lacking: Mapping[str, int]) -> Iterator[Slice]:
    """Both come to the same number of shares."""
    ranges = iter(free)
    start = end = 0
    for arm, points in lacking.items():
        wanted = points
        while wanted:
            if start == end:
                start, end = next(ranges)
            taken = min(wanted, end - start)
            yield Slice(arm, start, start + taken)
            start, wanted = start + taken, wanted - taken


def _joined(slices: Sequence[Slice]) -> tuple[Slice, ...]:
    """Neighbours of one arm as one slice, in order."""
    found: list[Slice] = []
    for slice_ in sorted(slices, key=lambda one: one.start):
        if found and found[-1].arm == slice_.arm:
            found[-1] = Slice(slice_.arm, found[-1].start, slice_.end)
        else:
            found.append(slice_)
    return tuple(found)
