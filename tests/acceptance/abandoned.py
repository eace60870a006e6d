"""Who leaves a cart alone, computed from the file itself and nothing of ours."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

TIME: Final = "%Y-%m-%d %H:%M:%S UTC"


class Line(NamedTuple):
    """What counts of a line of the REES46 file."""

    at_s: int
    kind: str
    """`view`, `cart` or `purchase`."""
    user: str


class Left(NamedTuple):
    """Carts left alone, by user; and the users of whom nobody can tell."""

    carts: Counter[str]
    unsure: frozenset[str]


def lines(path: Path) -> list[Line]:
    """Read the file, which is in order."""
    with gzip.open(path, "rt", newline="") as file:
        return [
            Line(
                at_s=int(datetime.strptime(row["event_time"], TIME).timestamp()),  # noqa: DTZ007
                kind=row["event_type"],
                user=row["user_id"],
            )
            for row in csv.DictReader(file)
        ]


def left(read: Sequence[Line], *, idle_s: int, tolerance_s: float) -> Left:
    """Count the adds that nothing of the same user follows for `idle_s`.

    Time goes on after the last line. A gap that differs from `idle_s` by no more than the
    tolerance makes its user unsure: where time is replayed, the collector's delay decides.
    """
    carts: Counter[str] = Counter()
    unsure = set()
    for user, own in _carts_and_purchases(read).items():
        for line, following in zip(own, [*own[1:], None], strict=True):
            gap_s = following.at_s - line.at_s if following else float("inf")
            if line.kind != "cart":
                continue
            carts[user] += gap_s >= idle_s
            if abs(gap_s - idle_s) <= tolerance_s:
                unsure.add(user)
    return Left(carts=+carts, unsure=frozenset(unsure))


def with_cart(read: Sequence[Line]) -> list[str]:
    """The users who ever filled one."""
    return sorted({line.user for line in read if line.kind == "cart"})


def _carts_and_purchases(read: Sequence[Line]) -> Mapping[str, list[Line]]:
    found = defaultdict(list)
    for line in read:
        if line.kind != "view":
            found[line.user].append(line)
    return found
